const NAME = /^[a-z][a-z0-9_-]{0,47}$/;

/** Why a text can name no resource, in a sentence; undefined where it can. */
export const problemOfName = (name: string): string | undefined =>
  NAME.test(name) ? undefined : `"${name}" is no name: 1 to 48 of a-z, 0-9, _ and -, a letter first`;
