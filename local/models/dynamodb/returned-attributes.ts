import type { Item } from "./attribute-value.ts";
import type { UpdateItemInput } from "./dynamodb-api.ts";
import { projected } from "./expressions/projection.ts";
import type { PreparedWrite } from "./prepared-write.ts";
import { validation } from "./validation.ts";

type Wanted = UpdateItemInput["ReturnValues"];

/** Refuses what only an update can return. */
export function checkReturnValues(kind: PreparedWrite["write"]["kind"], wanted: Wanted): void {
  if (kind !== "update" && wanted !== undefined && wanted !== "NONE" && wanted !== "ALL_OLD")
    throw validation("ReturnValues can only be ALL_OLD or NONE");
}

/** The Attributes member of a write's answer, as ReturnValues asks for it; left out where there are none. */
export function returnedAttributes(wanted: Wanted, write: PreparedWrite): { Attributes?: Item } {
  if (wanted === undefined || wanted === "NONE") return {};
  const attributes = attributesOf(wanted, write);
  return attributes === undefined || Object.keys(attributes).length === 0 ? {} : { Attributes: attributes };
}

function attributesOf(
  wanted: Exclude<Wanted, "NONE" | undefined>,
  { old, change, actions }: PreparedWrite,
): Item | undefined {
  const item = wanted === "ALL_OLD" || wanted === "UPDATED_OLD" ? old?.item : change?.next;
  if (item === undefined || wanted === "ALL_OLD" || wanted === "ALL_NEW") return item;
  return projected(
    item,
    actions.map(({ path }) => path),
  );
}
