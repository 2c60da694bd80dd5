import { circlesOf, type Graph } from './import-circles.ts';
import type { ImportRules } from './judge-imports.ts';
import { isForTests } from './source-files.ts';

/** What only starts or tests the rest, and would draw an arrow to nearly everything. */
const notDrawn = ['e2e', 'scripts'];

/** The first folder below `src`, or the top folder elsewhere, e.g. `acme` for `src/acme/client`. */
export function roomOf(folder: string): string {
  const [top = '', below] = folder.split('/');
  return top === 'src' && below !== undefined ? below : top;
}

/** The rules between rooms, without `testing` folders: folders of one room are one node. */
export function roomsOf({ folders }: ImportRules): Graph {
  const rooms = new Map<string, Set<string>>();
  for (const [folder, allowed] of Object.entries(folders)) {
    const room = roomOf(folder);
    if (room === 'src' || notDrawn.includes(room) || isForTests(`${folder}/`)) continue;
    const imports = rooms.get(room) ?? new Set();
    rooms.set(room, imports);
    for (const entry of allowed) if (roomOf(entry) !== room) imports.add(roomOf(entry));
  }
  return new Map([...rooms].map(([room, imports]) => [room, [...imports].sort()]));
}

/**
 * The rooms as a Mermaid flowchart. An arrow that follows from others is left out (transitive reduction).
 *
 * @throws when the rooms have a circle, as a reduction is not defined then
 */
export function importDiagram(rules: ImportRules): string {
  const rooms = roomsOf(rules);
  const circles = circlesOf(rooms);
  if (circles.length > 0) throw new Error(`There is a circle between ${circles.map(String).join(' and between ')}.`);
  const reached = (room: string): Set<string> => {
    const below = new Set(rooms.get(room));
    for (const next of below) for (const further of rooms.get(next) ?? []) below.add(further);
    return below;
  };
  const arrows = [...rooms].flatMap(([room, imports]) =>
    imports
      .filter((target) => !imports.some((other) => other !== target && reached(other).has(target)))
      .map((target) => `  ${room} --> ${target}`),
  );
  return ['```mermaid', 'flowchart TD', ...arrows, '```'].join('\n');
}
