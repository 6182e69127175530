/** The named fields of a value, by paths such as `outer.inner`. Where no object is, what is there stays as it is. */
export function selected(value: unknown, paths: readonly string[]): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) => {
      if (paths.includes(name)) return [[name, one]];
      const inner = paths.filter((path) => path.startsWith(`${name}.`));
      return inner.length === 0
        ? []
        : [
            [
              name,
              selected(
                one,
                inner.map((path) => path.slice(name.length + 1)),
              ),
            ],
          ];
    }),
  );
}
