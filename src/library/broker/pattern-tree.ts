import { segmentsOf } from './address.js';

/**
 * Patterns by their segments, so that finding those which match an address costs as much as the address is long,
 * and not as much as there are patterns.
 */
export class PatternTree<T> {
  readonly #root = new Node<T>();

  add(pattern: string, value: T): void {
    let node = this.#root;
    for (const segment of segmentsOf(pattern)) node = node.child(segment);
    node.values.add(value);
  }

  delete(pattern: string, value: T): void {
    remove(this.#root, segmentsOf(pattern), 0, value);
  }

  get isEmpty(): boolean {
    return this.#root.children.size === 0;
  }

  /** Calls `visit` for each value of each pattern. */
  forEach(visit: (value: T, pattern: string) => void): void {
    forEachBelow(this.#root, '', visit);
  }

  /** Calls `visit` once for each pattern that matches. */
  match(address: string, visit: (value: T) => void): void {
    matchFrom(this.#root, segmentsOf(address), 0, visit);
  }
}

class Node<T> {
  readonly values = new Set<T>();
  readonly children = new Map<string, Node<T>>();

  child(segment: string): Node<T> {
    const known = this.children.get(segment);
    if (known) return known;
    const made = new Node<T>();
    this.children.set(segment, made);
    return made;
  }
}

function forEachBelow<T>(node: Node<T>, path: string, visit: (value: T, pattern: string) => void): void {
  for (const value of node.values) visit(value, path);
  for (const [segment, child] of node.children) forEachBelow(child, path + segment, visit);
}

function matchFrom<T>(
  node: Node<T>,
  segments: readonly string[],
  at: number,
  visit: (value: T) => void,
): void {
  const segment = segments[at];
  if (segment === undefined) {
    node.values.forEach(visit);
    // `**` is zero or more segments: `/topic/a/**` matches `/topic/a`.
    node.children.get('/**')?.values.forEach(visit);
    node.children.get('.**')?.values.forEach(visit);
    return;
  }
  const separator = segment[0];
  node.children.get(`${separator}**`)?.values.forEach(visit);
  const same = node.children.get(segment);
  if (same) matchFrom(same, segments, at + 1, visit);
  const any = node.children.get(`${separator}*`);
  if (any) matchFrom(any, segments, at + 1, visit);
}

/** Branches that hold nothing any more go too, or a stranger's subscriptions would leave a tree behind. */
function remove<T>(node: Node<T>, segments: readonly string[], at: number, value: T): void {
  const segment = segments[at];
  if (segment === undefined) {
    node.values.delete(value);
    return;
  }
  const child = node.children.get(segment);
  if (!child) return;
  remove(child, segments, at + 1, value);
  if (child.values.size === 0 && child.children.size === 0) node.children.delete(segment);
}
