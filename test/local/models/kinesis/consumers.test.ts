import { describe, expect, test } from "vitest";
import { seconds } from "../../../../shared/time/time.ts";
import { serviceError } from "../service-error.ts";
import { kinesisWith, STREAM_ARN, StreamName } from "./model-under-test.ts";

const NOT_FOUND = serviceError("ResourceNotFoundException");
const IN_USE = serviceError("ResourceInUseException");
const EXCEEDED = serviceError("LimitExceededException");

describe("a stream's consumers", () => {
  test("are registered once by name, found by name or ARN, and gone when deregistered", () => {
    const { clock, kinesis } = kinesisWith(1);
    const { Consumer } = kinesis.registerStreamConsumer({ StreamARN: STREAM_ARN, ConsumerName: "reader" });
    const { ConsumerARN } = Consumer;
    expect(Consumer).toEqual({
      ConsumerName: "reader",
      ConsumerARN: `${STREAM_ARN}/consumer/reader:${clock.now() / 1_000}`,
      ConsumerStatus: "CREATING",
      ConsumerCreationTimestamp: clock.now(),
    });
    const described = { ...Consumer, ConsumerStatus: "ACTIVE", StreamARN: STREAM_ARN };
    const byName = { StreamARN: STREAM_ARN, ConsumerName: "reader" };
    for (const ref of [{ ConsumerARN }, byName, { ...byName, ConsumerARN }])
      expect(kinesis.describeStreamConsumer(ref).ConsumerDescription).toEqual(described);
    expect(() => kinesis.registerStreamConsumer(byName)).toThrow(IN_USE);
    expect(() => kinesis.describeStreamConsumer({ ...byName, ConsumerName: "other" })).toThrow(NOT_FOUND);
    expect(() => kinesis.describeStreamConsumer({ StreamARN: STREAM_ARN })).toThrow(
      serviceError("InvalidArgumentException"),
    );
    kinesis.deregisterStreamConsumer({ ConsumerARN });
    expect(() => kinesis.describeStreamConsumer(byName)).toThrow(NOT_FOUND);
    clock.advance(seconds(1));
    const again = kinesis.registerStreamConsumer(byName).Consumer;
    expect(again.ConsumerARN).not.toBe(ConsumerARN);
  });

  test("are at most 20, are counted and listed in pages", () => {
    const { kinesis } = kinesisWith(1);
    const register = (ConsumerName: string) =>
      kinesis.registerStreamConsumer({ StreamARN: STREAM_ARN, ConsumerName });
    const names = Array.from({ length: 20 }, (_, i) => `reader-${String(i).padStart(2, "0")}`);
    for (const name of names.toReversed()) register(name);
    expect(() => register("more")).toThrow(EXCEEDED);
    expect(kinesis.describeStreamSummary({ StreamName }).StreamDescriptionSummary.ConsumerCount).toBe(20);
    const first = kinesis.listStreamConsumers({ StreamARN: STREAM_ARN, MaxResults: 15 });
    const second = kinesis.listStreamConsumers({ StreamARN: STREAM_ARN, NextToken: first.NextToken });
    expect([...first.Consumers, ...second.Consumers].map((c) => c.ConsumerName)).toEqual(names);
    expect(second.NextToken).toBeUndefined();
  });

  test("keep their stream, unless they are to go with it", () => {
    const { kinesis } = kinesisWith(1);
    kinesis.registerStreamConsumer({ StreamARN: STREAM_ARN, ConsumerName: "reader" });
    expect(() => kinesis.deleteStream({ StreamName })).toThrow(IN_USE);
    kinesis.deleteStream({ StreamName, EnforceConsumerDeletion: true });
    expect(kinesis.listStreams().StreamNames).toEqual([]);
  });

  test("pass through states where these last, five of them at once", () => {
    const { clock, kinesis } = kinesisWith(1, { transition: seconds(10) });
    clock.advance(seconds(10));
    const register = (ConsumerName: string) =>
      kinesis.registerStreamConsumer({ StreamARN: STREAM_ARN, ConsumerName });
    const statusOf = (ConsumerName: string) =>
      kinesis.describeStreamConsumer({ StreamARN: STREAM_ARN, ConsumerName }).ConsumerDescription
        .ConsumerStatus;
    for (const name of ["a", "b", "c", "d", "e"]) register(name);
    expect(statusOf("a")).toBe("CREATING");
    expect(() => register("f")).toThrow(EXCEEDED);
    clock.advance(seconds(10));
    expect(statusOf("a")).toBe("ACTIVE");
    kinesis.deregisterStreamConsumer({ StreamARN: STREAM_ARN, ConsumerName: "a" });
    expect(statusOf("a")).toBe("DELETING");
    expect(() => register("a")).toThrow(IN_USE);
    clock.advance(seconds(10));
    expect(() => statusOf("a")).toThrow(NOT_FOUND);
    register("a");
  });
});
