import { placeInStack } from './place-in-stack.ts';

/**
 * From now on, `process.exit` throws where a user's module calls it: it would end Padlock, which has an environment to remove and a
 * report to write. Padlock's own calls end it as before.
 *
 * @param isOwn whether a file is the user's
 */
export function refuseExitOf(isOwn: (file: string) => boolean): void {
  const exit = process.exit.bind(process);
  process.exit = (code?: number | string | null): never => {
    const refusal = new Error(
      `it calls process.exit(${code ?? ''}), which would end Padlock itself: return, or throw an Error`,
    );
    if (placeInStack(refusal, isOwn) !== null) throw refusal;
    return exit(code);
  };
}
