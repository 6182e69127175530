import { Stack } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import type * as s3 from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { declaredAs, formatByName } from "../../shared/operators/lookup/file-format.ts";
import type { LookupPlan, Plan } from "../../shared/plan/plan.ts";

/** Where a table that pipelines look up is: one that there is already, or one that the app makes. */
export type LookupSource =
  | { readonly table: dynamodb.ITable }
  | {
      readonly bucket: s3.IBucket;
      /** The key of the object: JSON lines or CSV, as the table is declared; gzipped or not. */
      readonly key: string;
    };

export type LookupsProps = {
  /** Where the tables are that pipelines look up, by the names that these use. @default none */
  readonly lookups?: Readonly<Record<string, LookupSource>> | undefined;
};

/**
 * Refuses a plan whose tables nobody says the place of, or that cannot be the ones that are named.
 * @throws MillraceError `PLAN_LOOKUP`
 */
export function checkLookups({ lookups: planned = [] }: Plan, { lookups = {} }: LookupsProps): void {
  for (const table of planned) {
    const source = Object.hasOwn(lookups, table.name) ? lookups[table.name] : undefined;
    const wants = table.store === "s3" ? "{ bucket, key }" : "{ table }";
    if (source === undefined || "table" in source !== (table.store === "dynamodb"))
      throw refused(table, `give the stack its place: lookups: { "${table.name}": ${wants} }`);
    if ("key" in source) checkName(table, source.key);
    if ("table" in source && source.table instanceof dynamodb.Table) checkKeys(table, source.table);
  }
  const unknown = Object.keys(lookups).find((name) => !planned.some((table) => table.name === name));
  if (unknown !== undefined)
    throw new MillraceError("PLAN_LOOKUP", `no pipeline looks up "${unknown}": take it out of \`lookups\``, {
      next: "refused",
    });
}

/** A name may say a format. One that is not known yet says none. */
function checkName(table: LookupPlan, key: string): void {
  const named = formatByName(key);
  if (named !== undefined && named !== (table.format?.kind ?? "jsonl"))
    throw refused(table, `it is "${key}", and declared as another format: use ${declaredAs[named]}`);
}

/** What an app makes itself can be looked at; what it imports cannot. */
function checkKeys(table: LookupPlan, made: dynamodb.Table): void {
  const { partitionKeys, sortKeys } = made.schemaV2();
  const names = (keys: readonly dynamodb.Attribute[]): string =>
    keys.map(({ name }) => `"${name}"`).join(", ");
  if (names(partitionKeys) !== `"${table.key}"`)
    throw refused(
      table,
      `its partition key is ${names(partitionKeys)}, and pipelines look up by "${table.key}"`,
    );
  const [sortKey] = sortKeys;
  if (sortKey === undefined && table.version !== null)
    throw refused(table, `it has no sort key, and pipelines look up versions by "${table.version}"`);
  if (sortKey === undefined) return;
  if (names(sortKeys) !== `"${table.version}"`)
    throw refused(
      table,
      `it has the sort key ${names(sortKeys)}: declare it as \`version\`, or look up in a table without one`,
    );
  if (sortKey.type !== dynamodb.AttributeType.NUMBER)
    throw refused(table, `its sort key "${sortKey.name}" must be a number, epoch milliseconds`);
}

const refused = ({ name, store }: LookupPlan, sentence: string): MillraceError =>
  new MillraceError("PLAN_LOOKUP", `lookup ${store === "s3" ? "file" : "table"} "${name}": ${sentence}`, {
    next: "refused",
  });

/** The variable that tells a stage's function where its tables are; none where it looks nothing up. */
export function lookupEnvironment(
  scope: Construct,
  stage: string,
  plan: Plan,
  { lookups = {} }: LookupsProps,
): Record<string, string> {
  const places = tablesOf(stage, plan).flatMap(({ name }) => {
    const source = lookups[name];
    if (source === undefined) return [];
    const place =
      "table" in source
        ? { table: source.table.tableName }
        : { bucket: source.bucket.bucketName, key: source.key };
    return [[name, place] as const];
  });
  return places.length === 0
    ? {}
    : { MILLRACE_LOOKUPS: Stack.of(scope).toJsonString(Object.fromEntries(places)) };
}

/** Lets a stage make the one call that reads a table of its: by key, the versions of a key, or that object. */
export function grantLookups(
  grantee: iam.IGrantable,
  stage: string,
  plan: Plan,
  { lookups = {} }: LookupsProps,
): void {
  for (const { name, version } of tablesOf(stage, plan)) {
    const source = lookups[name];
    if (source === undefined) continue;
    const [action, arn] =
      "table" in source
        ? [version === null ? "dynamodb:BatchGetItem" : "dynamodb:Query", source.table.tableArn]
        : ["s3:GetObject", source.bucket.arnForObjects(source.key)];
    iam.Grant.addToPrincipal({ grantee, actions: [action], resourceArns: [arn] });
    keyOf(source)?.grantDecrypt(grantee);
  }
}

const tablesOf = (stage: string, { lookups = [] }: Plan): LookupPlan[] =>
  lookups.filter(({ stages }) => stages.includes(stage));

const keyOf = (source: LookupSource): kms.IKey | undefined =>
  "table" in source ? source.table.encryptionKey : source.bucket.encryptionKey;
