import type { Push } from "./operator.ts";

/** Runs user code apart from what follows it, so that an error downstream is not laid at its door. */
export function guarded<R>(
  fail: (value: unknown, thrown: unknown) => void,
  run: (value: unknown) => R,
  then: (result: R, value: unknown) => void,
): Push {
  return (value) => {
    let result: R;
    try {
      result = run(value);
    } catch (thrown) {
      fail(value, thrown);
      return;
    }
    then(result, value);
  };
}
