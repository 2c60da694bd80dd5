import type { SourceFile } from './source-files.ts';

/** Nodes by name with the names of those that each leads to. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** The graph of files, without imports of types when `values` is set. */
export function graphOf(files: readonly SourceFile[], { values }: { readonly values: boolean }): Graph {
  return new Map(
    files.map(({ file, imports }) => [
      file,
      imports.filter(({ typeOnly }) => !values || !typeOnly).map(({ target }) => target),
    ]),
  );
}

/**
 * The circles of a graph: its strongly connected components of more than one node (R. Tarjan, Depth-First Search and
 * Linear Graph Algorithms, 1972), each in alphabetical order.
 */
export function circlesOf(graph: Graph): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const circles: string[][] = [];

  const visit = (node: string): number => {
    const own = index.size;
    index.set(node, own);
    low.set(node, own);
    open.push(node);
    isOpen.add(node);
    for (const next of graph.get(node) ?? []) {
      const reached = index.has(next) ? (isOpen.has(next) ? index.get(next) : undefined) : visit(next);
      if (reached !== undefined) low.set(node, Math.min(low.get(node) ?? own, reached));
    }
    const lowest = low.get(node) ?? own;
    if (lowest === own) {
      const component = open.splice(open.indexOf(node));
      for (const member of component) isOpen.delete(member);
      if (component.length > 1) circles.push(component.sort());
    }
    return lowest;
  };

  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return circles.sort(([a = ''], [b = '']) => a.localeCompare(b));
}
