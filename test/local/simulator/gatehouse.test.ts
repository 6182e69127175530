import { expect, test } from "vitest";
import { underFaults } from "../../../local/models/faults.ts";
import { Gatehouse } from "../../../local/simulator/chaos/gatehouse.ts";
import { call } from "../../../local/simulator/gate.ts";

/** A service that counts what was done to it. */
function counter(): {
  readonly house: Gatehouse<string>;
  readonly gate: (owner: string) => Promise<number>;
  done: number;
} {
  const house = new Gatehouse<string>();
  const service = {
    house,
    done: 0,
    gate: (owner: string) =>
      call(house.gateOf(owner), "s3", "PutObject", () =>
        underFaults(house.faults, "s3", "PutObject", {}, () => ++service.done),
      ),
  };
  return service;
}

/** Lets the one call that waits go on. */
const release = (
  house: Gatehouse<string>,
  ...fault: Parameters<(typeof house.waiting)[0]["release"]>
): void => {
  const [waiting] = house.waiting;
  if (waiting === undefined) throw new RangeError("nothing waits");
  house.take(waiting);
  waiting.release(...fault);
};

test("a call waits before it is done, and its answer waits once more", async () => {
  const service = counter();
  const answer = service.gate("a");
  expect(service.done).toBe(0);
  release(service.house);
  expect([service.done, service.house.waiting.length]).toEqual([1, 1]);
  release(service.house);
  expect(await answer).toBe(1);
});

test("a call whose answer is lost is done, and made again", async () => {
  const service = counter();
  const answer = service.gate("a");
  release(service.house, { kind: "lost-response" });
  release(service.house);
  await Promise.resolve();
  await new Promise(setImmediate);
  release(service.house);
  release(service.house);
  expect(await answer).toBe(2);
});

test("a throttled call is not done", () => {
  const service = counter();
  void service.gate("a");
  release(service.house, { kind: "throttle" });
  expect(service.done).toBe(0);
});

test("the calls of one that is forgotten wait no longer, those of others do", () => {
  const { house, gate } = counter();
  for (const owner of ["a", "b", "a"]) void gate(owner);
  house.forget("a");
  expect(house.waiting.map(({ owner }) => owner)).toEqual(["b"]);
});
