/** A state whose version is above 1: of which operator, under which name. */
export type StateVersion = readonly [operator: string, state: string, version: number];

/** How a stage reads its state: a hash of its shape, and the versions of what users keep in it. */
export type StateShape = {
  readonly fingerprint: string;
  /** Those above 1, by operator and name. */
  readonly versions: readonly StateVersion[];
};

/**
 * What entries and snapshots say of the code that wrote them: the fingerprint and, behind a space, the versions, where
 * some are above 1. A build from before there were versions takes such a stamp for a fingerprint that it does not know,
 * and stops.
 */
export const stampOf = ({ fingerprint, versions }: StateShape): string =>
  versions.length === 0 ? fingerprint : `${fingerprint} ${JSON.stringify(versions)}`;

/**
 * Why a stage must not read what was written under a stamp: it has another shape, or a state of a version that the
 * stage does not know yet, which is given. Undefined where it may.
 */
export function unreadable(shape: StateShape, stamp: string): "shape" | StateVersion | undefined {
  const [fingerprint, versions] = parsed(stamp);
  if (fingerprint !== shape.fingerprint) return "shape";
  return versions.find(([operator, state, version]) => version > versionIn(shape, operator, state));
}

export const versionIn = (
  { versions }: Pick<StateShape, "versions">,
  operator: string,
  state: string,
): number => versions.find(([of, name]) => of === operator && name === state)?.[2] ?? 1;

function parsed(stamp: string): [fingerprint: string, versions: readonly StateVersion[]] {
  const space = stamp.indexOf(" ");
  return space === -1 ? [stamp, []] : [stamp.slice(0, space), JSON.parse(stamp.slice(space + 1))];
}
