import { fc, test } from "@fast-check/vitest";
import { afterAll, beforeAll, expect } from "vitest";
import type { Party } from "../../harness/case.ts";
import { describeBeside } from "../../harness/compare.ts";
import type { Answer, DynamoDb } from "../client.ts";
import { startModel } from "../model.ts";
import { dynamoDbLocal } from "../oracles.ts";
import { S, type Scene, type Tabled, withTable } from "../scene.ts";
import { coded, comparable, isInvalid } from "./comparable.ts";
import { anyCondition, anyProjection, anyUpdate, withExpressions } from "./expressions.ts";
import { answersTo, anyHistory, HISTORY } from "./histories.ts";
import { anyAttributes } from "./items.ts";
import { anyQuery, pagesOf, SORTED } from "./queries.ts";

/** The same every time: a difference that is found once is found again. */
const RUNS = { seed: 20_260_101, numRuns: 400 };
const KEY = { pk: S("k") };

/** Does the same with the model and with DynamoDB Local, whatever it is. */
export function compareAtRandom(): void {
  const title = `the model and ${dynamoDbLocal.name} ${dynamoDbLocal.version}`;
  describeBeside(dynamoDbLocal, title, { timeout: 600_000 }, () => {
    let parties: readonly Party<DynamoDb>[] = [];

    beforeAll(async () => {
      parties = [await startModel(), await dynamoDbLocal.start()];
    });
    afterAll(async () => {
      for (const party of parties) await party.close();
    });

    /** What a run gives beside the model and beside DynamoDB Local, each with a table of its own. */
    const sceneOf = (
      tabled: Tabled,
    ): (<T>(run: (t: Scene) => Promise<T>) => Promise<[ours: T, theirs: T]>) => {
      let scenes: readonly Scene[] = [];
      return async (run) => {
        if (scenes.length === 0)
          scenes = await Promise.all(parties.map(({ client }) => withTable(client, tabled)));
        const [ours, theirs] = scenes;
        if (ours === undefined || theirs === undefined) throw new Error("not started");
        return [await run(ours), await run(theirs)];
      };
    };

    const inBoth = sceneOf({ keys: "pk:S" });

    test.prop([anyAttributes, anyCondition], RUNS)(
      "find the same of any condition and any item",
      async (attributes, condition) => {
        const [ours, theirs] = await inBoth(async (t) => {
          await t.putAll({ ...attributes, ...KEY });
          return t.put({ ...attributes, ...KEY }, withExpressions({ ConditionExpression: condition }));
        });
        expect(comparable(ours)).toEqual(comparable(theirs));
      },
    );

    test.prop([anyAttributes, anyUpdate, fc.constantFrom("ALL_OLD", "ALL_NEW", "NONE")], RUNS)(
      "make the same of any item by any update",
      async (attributes, update, ReturnValues) => {
        const [ours, theirs] = await inBoth(async (t) => {
          await t.putAll({ ...attributes, ...KEY });
          const more = { ...withExpressions({ UpdateExpression: update }), ReturnValues };
          return [await t.on("UpdateItem", { Key: KEY, ...more }), (await t.get(KEY))["Item"]];
        });
        const isOne = !/, |\w (SET|REMOVE|ADD|DELETE) /.test(update.text.replaceAll(/\(.*?\)/g, ""));
        const told = isOne ? comparable : (answer: unknown) => coded(comparable(answer));
        expect(told(ours)).toEqual(told(theirs));
      },
    );

    test.prop([anyAttributes, anyProjection], RUNS)(
      "show the same of any item by any projection",
      async (attributes, projection) => {
        const [ours, theirs] = await inBoth(async (t) => {
          await t.putAll({ ...attributes, ...KEY });
          return t.get(KEY, withExpressions({ ProjectionExpression: projection }));
        });
        expect(coded(comparable(ours))).toEqual(coded(comparable(theirs)));
      },
    );

    const sorted = Object.fromEntries(
      Object.entries(SORTED).map(([type, tabled]) => [type, sceneOf(tabled)]),
    );
    let partitions = 0;

    test.prop([anyQuery], RUNS)("give the same pages of any query", async (query) => {
      partitions += 1;
      const pages = await sorted[query.type]?.((t) => pagesOf(t, `p${partitions}`, query));
      const [ours, theirs] = pages?.map((each) => comparable(read(each))) ?? [];
      expect(ours).toEqual(theirs);
    });

    test.prop([anyHistory], { ...RUNS, numRuns: 200 })(
      "answer the same to any history of writes, batches and transactions",
      async (history) => {
        const [ours, theirs] = await sceneOf(HISTORY)(async (t) => {
          const answers = await answersTo(t, history);
          await t.on("DeleteTable");
          return answers;
        });
        const told = (answers: readonly Answer[]): unknown =>
          coded(comparable(answers.map((answer) => (isInvalid(answer) ? "invalid" : answer))));
        expect(told(ours)).toEqual(told(theirs));
      },
    );
  });
}

/**
 * Pages without one that is empty and the place where it begins: DynamoDB says where a page ends that has as many
 * items as were asked for, DynamoDB Local only where it does not know that the range of keys ends there, too.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
 */
function read(pages: readonly Answer[]): readonly Answer[] {
  return pages
    .filter(({ ScannedCount }) => ScannedCount !== 0)
    .map(({ LastEvaluatedKey: last, ...page }, i, { length }) =>
      last === undefined || i === length - 1 ? page : { ...page, LastEvaluatedKey: last },
    );
}
