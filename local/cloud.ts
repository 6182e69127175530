import { MillraceError } from "../shared/errors/millrace-error.ts";
import { systemClock } from "../shared/time/clock.ts";
import { type DurationMs, milliseconds } from "../shared/time/time.ts";
import { ApiGateway } from "./api-gateway/api-gateway.ts";
import { iamAuthorization } from "./api-gateway/authorization.ts";
import { firstStage, pointedHere } from "./api-gateway/local-address.ts";
import type { CloudOptions } from "./cloud-options.ts";
import { handleFaults } from "./faults/fault-admin.ts";
import { FaultDriver } from "./faults/fault-driver.ts";
import { FaultPlan } from "./faults/fault-plan.ts";
import { freePort } from "./http/free-port.ts";
import { type ExtraHandler, startServiceServer } from "./http/service-server.ts";
import { Access } from "./iam/access.ts";
import { Callers } from "./iam/caller.ts";
import { Iam } from "./iam/iam.ts";
import { logRights } from "./iam/log-rights.ts";
import { deliverTo } from "./lambda/destinations.ts";
import { handleInvoke } from "./lambda/invoke-api.ts";
import { LambdaService } from "./lambda/lambda-service.ts";
import { logInto } from "./lambda/log-file.ts";
import { REGION } from "./models/arn.ts";
import type { CloudWatchModel } from "./models/cloudwatch/cloudwatch-model.ts";
import { DynamoDbModel } from "./models/dynamodb/dynamodb-model.ts";
import { KinesisModel } from "./models/kinesis/kinesis-model.ts";
import type { LogsModel } from "./models/logs/logs-model.ts";
import { S3Model } from "./models/s3/s3-model.ts";
import { ServiceError } from "./models/service-error.ts";
import type { SnsModel } from "./models/sns/sns-model.ts";
import { SqsModel } from "./models/sqs/sqs-model.ts";
import { Observability } from "./observe/observability.ts";
import { handleOutputs } from "./outputs.ts";
import { KeptCloud } from "./persist/kept-cloud.ts";
import type { PersistentModels } from "./persist/persistence.ts";
import type { EventSource } from "./sources/event-source.ts";
import { loadStacks, type Stack } from "./template/cloud-assembly.ts";
import { CloudFormation } from "./template/cloudformation.ts";
import type { DeployedResource } from "./template/deployed-stack.ts";
import type { StackUpdate } from "./template/stack-update.ts";

export type { StackUpdate };

/** A running local cloud. */
export type Cloud = {
  /** Where every service answers: the value of `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** The URL of a path of the template's API, in its first stage. Throws when the template has no API. */
  apiUrl(path: string): string;
  /** Outputs of all stacks, by their names in the template; an API's URL points here. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly kinesis: KinesisModel;
  readonly dynamodb: DynamoDbModel;
  readonly s3: S3Model;
  readonly sqs: SqsModel;
  readonly sns: SnsModel;
  readonly logs: LogsModel;
  readonly cloudwatch: CloudWatchModel;
  readonly lambda: LambdaService;
  /** What goes wrong, and how often it has. */
  readonly faults: FaultPlan;
  /** Who may do what, and what was refused. */
  readonly iam: Iam;
  readonly sources: readonly EventSource[];
  readonly resources: readonly DeployedResource[];
  /** A resource by its logical id, or by what Ref yields. */
  resource(logicalIdOrPhysical: string): DeployedResource | undefined;
  /**
   * Makes the running cloud what the templates in a folder say, in place and as CloudFormation would: what they leave
   * as it is goes on, and no data is lost by a change that AWS makes without interruption. Updates that are asked for
   * meanwhile wait. The folder must stay: functions run from it.
   * @throws MillraceError LOCAL_TEMPLATE_INVALID, LOCAL_RESOURCE_UNSUPPORTED before anything is changed;
   *   LOCAL_UPDATE_ROLLED_BACK naming logical id and property, where what was changed has been taken back;
   *   LOCAL_ROLLBACK_FAILED; LOCAL_CLOSED
   */
  update(templateDir: string): Promise<StackUpdate>;
  /** Stops sources, processes and server; resolves when nothing runs any more. */
  close(): Promise<void>;
};

/**
 * Runs a synthesized CDK app on this machine: one port, one process for the services, one for each Lambda environment.
 * @throws MillraceError LOCAL_TEMPLATE_INVALID, LOCAL_RESOURCE_UNSUPPORTED, PERSIST_FOLDER, PERSIST_DAMAGED
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { host = "127.0.0.1", limits = "enforced" } = options;
  const { concurrency, accountConcurrency, lifetimes, streamBytes } = options;
  const stacks = loadStacks(options.templateDir);
  // queue URLs and functions must know the port before the server listens
  const port = options.port || (await freePort(host, 0));
  const faults = new FaultPlan();
  if (options.faults !== undefined) faults.set(options.faults);
  const kept = options.persist && new KeptCloud({ ...options.persist, clock: options.clock ?? systemClock });
  const clock = kept?.clock ?? options.clock ?? systemClock;
  const modelOptions = { clock, faults: kept?.faults(faults) ?? faults };
  const models = {
    kinesis: new KinesisModel({ ...modelOptions, limits, ...(streamBytes && { maxBytes: streamBytes }) }),
    dynamodb: new DynamoDbModel({ ...modelOptions, limits }),
    s3: new S3Model(modelOptions),
    sqs: new SqsModel({ ...modelOptions, baseUrl: `http://${host}:${port}` }),
  };
  await restore(kept, models);
  const endpoint = `http://${host}:${port}`;
  const observability = new Observability({
    clock,
    sqs: models.sqs,
    logGroupOf: (name) =>
      lambda.functionNames().includes(name) ? lambda.configOf(name).logGroup : undefined,
  });
  const { cloudwatch, logs, sns } = observability;
  const faultDriver = new FaultDriver(faults, models.kinesis);
  const lambda = new LambdaService({
    endpoint,
    region: REGION,
    clock,
    deliver: deliverTo({ ...models, sns }, clock),
    onExecution: (execution) => observability.onExecution(execution),
    onRun: (process) => faultDriver.onRun(process),
    clockSkewOf: (functionName) => faults.skewOf(functionName),
    ...(concurrency !== undefined && { concurrency }),
    ...(accountConcurrency !== undefined && { accountConcurrency }),
    ...(lifetimes !== undefined && { lifetimes }),
  });
  const iam = new Iam({ clock, ...(options.iam !== undefined && { mode: options.iam }) });
  const callers = new Callers(lambda);
  const access = new Access({
    iam,
    callers,
    context: { hashKey: (table, index) => models.dynamodb.hashKeyOf(table, index) },
  });
  const gateway = new ApiGateway({
    clock,
    invoke: async (functionArn, payload, sourceArn, roleArn) => {
      if (!iam.mayInvoke("apigateway.amazonaws.com", functionArn, sourceArn, roleArn))
        throw new ServiceError("AccessDeniedException", "Invalid permissions on Lambda function", 403);
      return lambda.invoke(functionArn, payload);
    },
    ...(options.apiAuthorization === "enforced" && { authorize: iamAuthorization(callers, iam) }),
    onRequest: ({ options: { name } }, response) => observability.onRequest(name, response),
  });
  const mayLog = logRights(iam, lambda, observability.logs);
  lambda.logs.onLine((line) => {
    if (mayLog(line)) observability.onLine(line);
  });
  const extra: ExtraHandler = (request, response, body) => {
    if (lambda.handle(request, response, body)) return true;
    if (handleFaults(faults, request, response, body)) return true;
    if (handleOutputs(() => outputs(), request, response)) return true;
    return handleInvoke(lambda, request, response, body, access) || gateway.handle(request, response, body);
  };
  const server = await startServiceServer({
    ...models,
    cloudwatch,
    logs,
    clock,
    port,
    host,
    extra,
    access,
    faults,
  }).catch(async (error: unknown) => {
    await kept?.close([]);
    throw error;
  });
  const log = options.logFile === undefined ? undefined : logInto(options.logFile, lambda.logs);
  const sources: EventSource[] = [];

  /** Of all stacks; none before they are deployed. */
  let outputs = (): Readonly<Record<string, string>> => ({});
  /** Fulfilled when the updates that were asked for are over. */
  let updated: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= stopAll();
    return closing;
  };

  async function stopAll(): Promise<void> {
    const stopped = sources.map((source) => source.close());
    // processes end at once, so that no source and no update waits for an invocation that hangs
    await lambda.close();
    observability.close();
    faultDriver.close();
    await updated;
    const results = await Promise.allSettled([...stopped, ...sources.map((source) => source.close())]);
    await server.close();
    await log?.close();
    await kept?.close(sources);
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  try {
    const { scheduleEveryMs, childrenWaitForParents = true } = options;
    const scheduleEvery = scheduleEveryMs === undefined ? undefined : milliseconds(scheduleEveryMs);
    const batches = {
      window: milliseconds(options.batchingWindowMs ?? Number.POSITIVE_INFINITY),
      records: options.batchRecords ?? Number.POSITIVE_INFINITY,
    };
    const services = {
      ...models,
      cloudwatch,
      logs,
      sns,
      lambda,
      iam,
      faultDriver,
      onBatch: (functionName: string, iteratorAge: DurationMs) =>
        observability.onBatch(functionName, iteratorAge),
      gateway,
      sources,
      clock,
      scheduleEvery,
      batches,
      childrenWaitForParents,
    };
    const formation = new CloudFormation(kept?.services(services) ?? services, kept?.names());
    outputs = () => pointedHere(formation.outputs, gateway, endpoint);
    // as it was left, and then changed: data go where CloudFormation would have them go
    if (kept !== undefined) await formation.update(kept.stacks);
    const deploy = async (wanted: readonly Stack[]): Promise<StackUpdate> => {
      const result = await formation.update(wanted);
      kept?.deployed(wanted, formation.names);
      return result;
    };
    await deploy(stacks);
    kept?.started(sources);
    const update = async (templateDir: string): Promise<StackUpdate> => {
      if (closing !== undefined) throw closed();
      return { ...(await deploy(loadStacks(templateDir))), outputs: outputs() };
    };
    return {
      ...models,
      cloudwatch,
      logs,
      sns,
      url: endpoint,
      apiUrl: (path) => `${endpoint}/${firstStage(gateway)}${path.startsWith("/") ? path : `/${path}`}`,
      get outputs() {
        return outputs();
      },
      lambda,
      iam,
      faults,
      sources,
      get resources() {
        return formation.resources;
      },
      resource: (id) =>
        formation.resources.find(({ logicalId }) => logicalId === id) ??
        formation.resources.find(({ ref }) => ref === id),
      update: (templateDir) => {
        const result = updated.then(() => update(templateDir));
        updated = result.catch(() => undefined);
        return result;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Frees the folder where its data are none to begin with. */
async function restore(kept: KeptCloud | undefined, models: PersistentModels): Promise<void> {
  try {
    kept?.restore(models);
  } catch (error) {
    await kept?.close([]);
    throw error;
  }
}

const closed = (): MillraceError =>
  new MillraceError("LOCAL_CLOSED", "the local cloud is closed, and is not updated any more", {
    next: "refused",
  });
