import type { TransactWrite } from "./dynamodb-api.ts";
import type { Conditional, Write } from "./parsed-write.ts";
import { validation } from "./validation.ts";

/** What is asked for one item of a transaction, whatever is done to it. */
export type AskedWrite = NonNullable<TransactWrite["Put" | "Delete" | "Update" | "ConditionCheck"]> &
  Conditional;

/** The one thing that a member of TransactItems does. Throws ValidationException where it is none or several. */
export function memberOf(item: TransactWrite): { readonly write: Write; readonly asked: AskedWrite } {
  const { Put, Delete, Update, ConditionCheck } = item;
  const given = [Put, Delete, Update, ConditionCheck].filter((member) => member !== undefined);
  if (given.length > 1)
    throw validation("TransactItems can only contain one of Check, Put, Update or Delete");
  if (Put !== undefined) return { asked: Put, write: { kind: "put", item: Put.Item } };
  if (Delete !== undefined) return { asked: Delete, write: { kind: "delete", key: Delete.Key } };
  if (Update !== undefined)
    return {
      asked: Update,
      write: { kind: "update", key: Update.Key, expression: Update.UpdateExpression },
    };
  if (ConditionCheck !== undefined)
    return { asked: ConditionCheck, write: { kind: "check", key: ConditionCheck.Key } };
  throw validation("Invalid Request: TransactWriteRequest should contain Delete or Put or Update request");
}
