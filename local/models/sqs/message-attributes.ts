import { createHash } from "node:crypto";
import { ServiceError } from "../service-error.ts";
import type { MessageAttribute, MessageAttributes } from "./sqs-api.ts";

const MAX_ATTRIBUTES = 10;
const MAX_NAME = 256;
const TYPE = /^(String|Number|Binary)(\..{1,256})?$/;

const BINARY_MARK = 2;
const TEXT_MARK = 1;

/** Throws InvalidParameterValue for what SQS takes for no attributes of a message. */
export function checkMessageAttributes(attributes: MessageAttributes): void {
  const entries = Object.entries(attributes);
  if (entries.length > MAX_ATTRIBUTES)
    throw refused(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`,
    );
  for (const [name, attribute] of entries) {
    checkName(name);
    checkValue(name, attribute);
  }
}

/** System attributes that a sender may give: X-Ray's header alone. */
export function checkSystemAttributes(attributes: MessageAttributes): void {
  for (const [name, attribute] of Object.entries(attributes)) {
    if (name !== "AWSTraceHeader") throw refused(`Message system attribute name '${name}' is invalid.`);
    checkValue(name, attribute);
  }
}

function checkName(name: string): void {
  const isWellFormed = /^[\w.-]+$/.test(name) && !/^\.|\.$|\.\./.test(name) && name.length <= MAX_NAME;
  if (!isWellFormed) throw refused(`Message (user) attribute name '${name}' is invalid.`);
  if (/^(aws|amazon)\./i.test(name))
    throw refused(`Message (user) attribute name '${name}' can't start with a reserved prefix.`);
}

function checkValue(name: string, { DataType, StringValue, BinaryValue }: MessageAttribute): void {
  if (!TYPE.test(DataType))
    throw refused(
      `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  const isBinary = DataType.startsWith("Binary");
  if (isBinary ? !BinaryValue?.byteLength : !StringValue)
    throw refused(
      `The message (user) attribute '${name}' must contain a non-empty value of type '${DataType}'.`,
    );
  if (DataType.startsWith("Number") && Number.isNaN(Number(StringValue)))
    throw refused(`Can't cast the value of message (user) attribute '${name}' to a number.`);
}

const refused = (message: string): ServiceError => new ServiceError("InvalidParameterValue", message);

/** Names, types and values in bytes: they count into a message's size. */
export const attributesSize = (attributes: MessageAttributes = {}): number =>
  Object.entries(attributes).reduce(
    (sum, [name, { DataType, StringValue, BinaryValue }]) =>
      sum +
      Buffer.byteLength(name) +
      Buffer.byteLength(DataType) +
      (BinaryValue?.byteLength ?? Buffer.byteLength(StringValue ?? "")),
    0,
  );

/**
 * The digest by which a receiver checks attributes: of each by name, the name, the type and the value with their
 * lengths, and a mark that tells text from binary. Undefined where there are none.
 * Source: "Amazon SQS message metadata: calculating the MD5 message digest for message attributes", Developer Guide.
 */
export function attributesMd5(attributes: MessageAttributes | undefined): string | undefined {
  const names = Object.keys(attributes ?? {}).sort();
  if (attributes === undefined || names.length === 0) return undefined;
  const md5 = createHash("md5");
  const add = (bytes: Uint8Array): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.byteLength);
    md5.update(length).update(bytes);
  };
  for (const name of names) {
    const { DataType = "", StringValue = "", BinaryValue } = attributes[name] ?? {};
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    md5.update(Uint8Array.of(BinaryValue === undefined ? TEXT_MARK : BINARY_MARK));
    add(BinaryValue ?? Buffer.from(StringValue));
  }
  return md5.digest("hex");
}

/** The attributes that a receiver asks for: by name, by `prefix.*`, or all by `All` or `.*`. */
export function askedAttributes(
  attributes: MessageAttributes | undefined,
  names: readonly string[] = ["All"],
): MessageAttributes | undefined {
  const isAsked = (name: string) =>
    names.some((asked) =>
      asked.endsWith(".*") ? name.startsWith(asked.slice(0, -2)) : asked === "All" || asked === name,
    );
  const asked = Object.entries(attributes ?? {}).filter(([name]) => isAsked(name));
  return asked.length === 0 ? undefined : Object.fromEntries(asked);
}
