import type { CreateTableInput, ProvisionedThroughput, UpdateTableInput } from "./dynamodb-api.ts";
import { validation } from "./validation.ts";

/** Whether a table is billed by request, as a table of this model is where nothing else is said. */
export const isOnDemand = ({ BillingMode = "PAY_PER_REQUEST" }: CreateTableInput): boolean =>
  BillingMode === "PAY_PER_REQUEST";

/** A CreateTable as AWS reads it: provisioned, and with throughput, unless it says otherwise. Throws ValidationException. */
export function billed(input: CreateTableInput): CreateTableInput {
  const { BillingMode = "PROVISIONED", ProvisionedThroughput, GlobalSecondaryIndexes: indexes = [] } = input;
  const onDemand = BillingMode === "PAY_PER_REQUEST";
  if (onDemand && ProvisionedThroughput !== undefined)
    throw invalid(
      "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
    );
  if (!onDemand && !isProvisioned(ProvisionedThroughput))
    throw invalid(
      "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
    );
  for (const { IndexName, ProvisionedThroughput: own } of indexes) {
    if (onDemand && own !== undefined)
      throw invalid(
        `ProvisionedThroughput should not be specified for index: ${IndexName} when BillingMode is PAY_PER_REQUEST`,
      );
    if (!onDemand && !isProvisioned(own))
      throw invalid(`ProvisionedThroughput must be specified for index: ${IndexName}`);
  }
  return { ...input, BillingMode };
}

/** Checks that an UpdateTable says what is to change. Throws ValidationException. */
export function checkUpdate(input: UpdateTableInput): void {
  const { TableName: _name, AttributeDefinitions: _definitions, ...changes } = input;
  if (Object.values(changes).every((change) => change === undefined))
    throw validation(
      "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or " +
        "SSESpecification or ReplicaUpdates is required",
    );
  if (input.BillingMode === "PROVISIONED" && input.ProvisionedThroughput === undefined)
    throw invalid("ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
  for (const { Create, Update, Delete } of input.GlobalSecondaryIndexUpdates ?? [])
    if (Create === undefined && Update === undefined && Delete === undefined)
      throw invalid(
        "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, " +
          "GlobalSecondaryIndexUpdate.Delete must not be null",
      );
}

const isProvisioned = (throughput: ProvisionedThroughput | undefined): boolean =>
  (throughput?.ReadCapacityUnits ?? 0) >= 1 && (throughput?.WriteCapacityUnits ?? 0) >= 1;

const invalid = (why: string): Error => validation(`One or more parameter values were invalid: ${why}`);
