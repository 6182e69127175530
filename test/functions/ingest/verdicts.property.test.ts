import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { partitionOf } from "../../../shared/frames/partitioner.ts";
import { eventsOn, lines, NDJSON, NOW, post, tape } from "./fixture.ts";

const good = fc
  .record({ shop: fc.string({ maxLength: 4 }), at: fc.integer({ min: 0, max: NOW }) })
  .map((event) => ({ bad: false, line: JSON.stringify(event), event }));
const bad = fc
  .oneof(
    fc.constantFrom("{", "nope", '"text"', "{}", '{"shop":"a"}', '{"shop":1,"at":2}', "[]", "\u0000", "1,2"),
    fc.constantFrom('{"shop":"a","at":1,"__proto__":{}}', '{"shop":"a","at":1,"\\u005F_proto__":{}}'),
  )
  .map((line) => ({ bad: true, line, event: undefined }));

test.prop([fc.array(fc.oneof({ weight: 3, arbitrary: good }, bad), { minLength: 1, maxLength: 60 })])(
  "verdicts are for exactly the bad lines, and the good ones are in the stream, in order per partition",
  async (mixed) => {
    const streams = tape();
    const { accepted, rejected, answer } = await post(streams, {
      body: lines(...mixed.map(({ line }) => line)),
      headers: NDJSON,
    });
    expect(rejected.map(({ index }) => index)).toEqual(mixed.flatMap((each, i) => (each.bad ? [i] : [])));
    const events = mixed.flatMap(({ event }) => event ?? []);
    expect(accepted).toBe(events.length);
    expect(answer.statusCode === 202).toBe(events.length > 0);
    const published = eventsOn(streams);
    for (let partition = 0; partition < 4; partition++)
      expect((published.get(partition) ?? []).map(([, , payload]) => payload)).toEqual(
        events.filter(({ shop }) => partitionOf(shop, 4) === partition),
      );
  },
);
