/** No machine that can do the work at all is slower; and a limit must still come. */
const largestScale = 50;

let scale = 1;
let chosenScale: number | null = null;

/** By how much all time limits are longer than on a machine of ordinary speed; 1 there. */
export function timeScale(): number {
  return scale;
}

/** Sets the scale for what follows: the one that was asked for, or null for 1 until the speed of the machine is measured. */
export function chooseTimeScale(chosen: number | null): void {
  scale = chosen ?? 1;
  chosenScale = chosen;
}

/** The scale that was asked for, for other processes of the same work; null if none was. */
export function chosenTimeScale(): number | null {
  return chosenScale;
}

/**
 * Takes note of how slow this machine is. A choice stays, and so does a greater measurement.
 *
 * @param measured how many times longer than on a machine of ordinary speed something took
 */
export function noteMeasuredScale(measured: number): void {
  if (chosenScale !== null) return;
  scale = Math.max(scale, boundedScale(measured));
}

/** A measured scale as it is used: not below 1, in steps of a tenth, and bounded. */
export function boundedScale(measured: number): number {
  return Math.min(Math.max(Math.round(measured * 10) / 10, 1), largestScale);
}

/** A time limit in milliseconds, on this machine. Takes the scale of the moment: use it where the wait begins. */
export function scaled(limitMs: number): number {
  return Math.round(limitMs * scale);
}

/** A table of time limits in milliseconds; each is read as {@link scaled}. */
export function scaledLimits<Name extends string>(
  limits: Readonly<Record<Name, number>>,
): Readonly<Record<Name, number>> {
  return new Proxy(limits, {
    get(target, name, receiver) {
      const limit: unknown = Reflect.get(target, name, receiver);
      return typeof limit === 'number' ? scaled(limit) : limit;
    },
  });
}
