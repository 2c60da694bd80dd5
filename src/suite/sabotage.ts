import type { Stage } from './stage.ts';

/** A real fault, made on purpose: the checks it must turn red are part of it. */
export interface Sabotage {
  readonly id: string;
  readonly title: string;
  readonly turnsRed: readonly string[];
  apply(stage: Stage): Promise<void>;
}
