import type { Item } from "./attribute-value.ts";
import type { UpdateItemInput } from "./dynamodb-api.ts";
import { projected } from "./expressions/projection.ts";
import type { PreparedWrite } from "./prepared-write.ts";

/** The Attributes member of a write's answer, as ReturnValues asks for it; left out where there are none. */
export function returnedAttributes(
  wanted: UpdateItemInput["ReturnValues"],
  { old, next, actions }: PreparedWrite,
): { Attributes?: Item } {
  const attributes = attributesOf(
    wanted,
    old?.item,
    next,
    actions.map(({ path }) => path),
  );
  return attributes === undefined || Object.keys(attributes).length === 0 ? {} : { Attributes: attributes };
}

function attributesOf(
  wanted: UpdateItemInput["ReturnValues"],
  old: Item | undefined,
  next: Item | undefined,
  paths: Parameters<typeof projected>[1],
): Item | undefined {
  switch (wanted) {
    case "ALL_OLD":
      return old;
    case "ALL_NEW":
      return next;
    case "UPDATED_OLD":
      return old === undefined ? undefined : projected(old, paths);
    case "UPDATED_NEW":
      return next === undefined ? undefined : projected(next, paths);
    default:
      return undefined;
  }
}
