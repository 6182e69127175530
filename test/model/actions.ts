/** An action of a TLA+ module, with the comment above it. */
export type Action = { readonly name: string; readonly comment: string };

/** A function of the project that a comment names, as `path.ts#function`. */
export type Reference = { readonly path: string; readonly name: string };

/** The actions of a module: what `Next` is made of, and what it is made of by `Step`. */
export function actionsOf(module: string): Action[] {
  const definitions = new Map(
    [...module.matchAll(/^((?:\\\*.*\n)*)(\w+)(?:\([^)]*\))? ==((?:.*\n)(?:[ \t]+.*\n|\n(?=[ \t]))*)/gm)].map(
      ([, comment = "", name = "", body = ""]) => [name, { name, comment, body }],
    ),
  );
  const bodies = ["Next", "Step"].map((name) => definitions.get(name)?.body ?? "").join("\n");
  return [...definitions.values()]
    .filter(({ name }) => name !== "Step" && name !== "Next" && new RegExp(`\\b${name}\\b`).test(bodies))
    .filter(({ body }) => body.includes("'") || body.includes("UNCHANGED"))
    .map(({ name, comment }) => ({ name, comment }));
}

/** What a comment names. */
export const referencesOf = (comment: string): Reference[] =>
  [...comment.matchAll(/([\w./-]+\.ts)#(\w+)/g)].map(([, path = "", name = ""]) => ({ path, name }));

/** Whether a source file declares a function of this name: a function, a method, public or private, or a constant. */
export const isDeclaredIn = (source: string, name: string): boolean =>
  new RegExp(
    `\\bfunction ${name}\\b|\\bconst ${name}\\b|^\\s+(?:static |async )*#?${name}(?:<[^>]*>)?\\([^)]*\\)?[^;]*\\{?$`,
    "m",
  ).test(source);
