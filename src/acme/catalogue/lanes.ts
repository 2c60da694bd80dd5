import type { CaCheck } from './check.ts';
import type { CheckGroup } from './group.ts';
import { type Lane, type LaneName, lanePlan } from './lane-plan.ts';

/** The lanes of the groups, in the order in which they start. The last one is `last`. */
export function lanesOf(groups: readonly CheckGroup[]): readonly (readonly CaCheck[])[] {
  return lanePlan.flatMap((lane: Lane & { readonly name: LaneName }) => {
    const place = ({ number }: CheckGroup) => lane.groups?.indexOf(number) ?? number;
    const inOrder = groups.toSorted((one, other) => place(one) - place(other));
    const checks = inOrder.flatMap((group) => group.checksIn(lane.name));
    return lane.checks === 'alone' ? checks.map((check) => [check]) : [checks];
  });
}
