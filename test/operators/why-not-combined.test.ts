import { expect, test } from "vitest";
import {
  count,
  custom,
  customWindows,
  global,
  hopping,
  milliseconds as ms,
  session,
  sum,
  type Trigger,
  tumbling,
} from "../../shared/index.ts";
import { whyNotCombined } from "../../shared/operators/combine/spec.ts";
import type { AnyWindow } from "../../shared/operators/window.ts";

test.each<[AnyWindow<unknown>, Trigger<unknown>, object, string | undefined]>([
  [tumbling(ms(10)), {}, { n: count() }, undefined],
  [hopping(ms(10), ms(5)), {}, { n: sum("n") }, undefined],
  [hopping(ms(10), ms(4)), {}, { n: count() }, "divide"],
  [session(ms(10)), {}, { n: count() }, undefined],
  [session(ms(10)), {}, { n: count(), total: sum("n") }, '"total" (sum) depends on the order'],
  [session(ms(10)), { early: ms(5) }, { n: count() }, "retracted with each event"],
  [session(ms(10)), { early: ms(5), accumulation: "discarding" }, { n: count() }, undefined],
  [global(), {}, { n: count(), total: sum("n") }, undefined],
  [customWindows("own", { assign: () => [] }), {}, { n: count() }, "custom"],
  [tumbling(ms(10)), { early: ms(5) }, { n: count() }, undefined],
  [tumbling(ms(10)), { early: { processingTime: ms(5) } }, { n: count() }, undefined],
  [tumbling(ms(10)), { early: { when: () => true } }, { n: count() }, undefined],
  [tumbling(ms(10)), { early: { events: 5 } }, { n: count() }, "by count"],
  [
    tumbling(ms(10)),
    {},
    { odd: custom({ create: () => 0, add: (a: number) => a, merge: (a: number) => a, finish: (a) => a }) },
    '"odd" (custom)',
  ],
])("what stands in the way of combining is said: %j", (window, trigger, some, why) => {
  const said = whyNotCombined({ window, trigger, aggregates: some as never, allowedLateness: ms(0) });
  if (why === undefined) expect(said).toBeUndefined();
  else expect(said).toContain(why);
});
