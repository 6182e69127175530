import { expect, test } from "vitest";
import { FunctionLogs } from "../../../local/lambda/function-logs.ts";
import { systemClock } from "../../../shared/time/clock.ts";

test("the buffer keeps the newest lines and tells listeners of each", () => {
  const logs = new FunctionLogs(systemClock, 3);
  const heard: string[] = [];
  const off = logs.onLine(({ line }) => heard.push(line));
  for (let n = 1; n <= 20; n++) logs.append(n % 2 === 0 ? "even" : "odd", String(n), "env");
  off();
  logs.append("odd", "21", "env");
  expect(logs.tail(3).map(({ line }) => line)).toEqual(["19", "20", "21"]);
  expect(logs.tail(100).length).toBeLessThanOrEqual(3);
  expect(logs.tail(1, "even").map(({ line }) => line)).toEqual(["20"]);
  expect(heard).toHaveLength(20);
});
