import { randomUUID } from 'node:crypto';

/**
 * Marks in objects of a prepared state, in place of what differs from cell to cell. `withMarks` sets them where the state is
 * taken, `withoutMarks` fills them in where it is restored.
 */
export interface CellValues {
  readonly nodeName: string;
  /** The first three octets of the cell's subnet, e.g. 10.231.7. */
  readonly subnet: string;
  /** ISO 8601 in whole seconds, as Kubernetes writes times. */
  readonly now: string;
  /** PEM by the id of an authority: the cell's own, and those that components make in the cluster. */
  readonly certificates: Readonly<Record<string, string>>;
  /** Private keys, PEM, by the id of an authority. Never those that a state was taken with. */
  readonly keys: Readonly<Record<string, string>>;
}

const mark = (name: string): string => `@@padlock ${name}@@`;

export const marks = {
  nodeName: mark('node-name'),
  subnet: mark('subnet'),
  now: mark('now'),
  /** A new one wherever it is. */
  uid: mark('uid'),
  certificate: (id: string): string => mark(`certificate ${id}`),
  certificateBase64: (id: string): string => mark(`certificate-base64 ${id}`),
  keyBase64: (id: string): string => mark(`key-base64 ${id}`),
} as const;

const anyMark = /@@padlock ([a-z0-9-]+)(?: ([a-z0-9-]+))?@@/g;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A copy of a JSON value in which each text was replaced. */
export function mapTexts(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapTexts(item, replace)]));
}

/** Replaces a cell's values by marks: the addresses of its subnet, and certificates, as PEM within a text or as base64. */
export function withMarks(value: unknown, { subnet, certificates, keys }: Omit<CellValues, 'nodeName' | 'now'>) {
  const whole = new Map<string, string>();
  for (const [id, pem] of Object.entries(certificates)) whole.set(base64(pem), marks.certificateBase64(id));
  for (const [id, pem] of Object.entries(keys)) whole.set(base64(pem), marks.keyBase64(id));
  const address = new RegExp(`(?<![0-9.])${subnet.replaceAll('.', '\\.')}(?=\\.[0-9])`, 'g');
  return mapTexts(value, (text) => {
    const found = whole.get(text);
    if (found !== undefined) return found;
    let changed = text.replace(address, marks.subnet);
    for (const [id, pem] of Object.entries(certificates)) {
      changed = changed.replaceAll(pem.trimEnd(), marks.certificate(id));
    }
    return changed;
  });
}

/** Fills the marks in. @throws Error for one whose value is not known */
export function withoutMarks(value: unknown, values: CellValues): unknown {
  const filledIn = (name: string, id: string): string | undefined => {
    switch (name) {
      case 'node-name':
        return values.nodeName;
      case 'subnet':
        return values.subnet;
      case 'now':
        return values.now;
      case 'uid':
        return randomUUID();
      case 'certificate':
        return values.certificates[id]?.trimEnd();
      case 'certificate-base64':
        return values.certificates[id] === undefined ? undefined : base64(values.certificates[id]);
      case 'key-base64':
        return values.keys[id] === undefined ? undefined : base64(values.keys[id]);
      default:
        return undefined;
    }
  };
  return mapTexts(value, (text) =>
    text.replace(anyMark, (whole: string, name: string, id: string | undefined) => {
      const filled = filledIn(name, id ?? '');
      if (filled === undefined) throw new Error(`the prepared state has the unknown mark ${whole}`);
      return filled;
    }),
  );
}
