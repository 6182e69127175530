import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createServer } from "node:net";
import { MillraceError } from "../shared/errors/millrace-error.ts";
import { type Clock, isoOf, systemClock } from "../shared/time/clock.ts";
import { type DurationMs, milliseconds } from "../shared/time/time.ts";
import { ApiGateway } from "./api-gateway/api-gateway.ts";
import { iamAuthorization } from "./api-gateway/authorization.ts";
import { handleFaults } from "./faults/fault-admin.ts";
import { FaultDriver } from "./faults/fault-driver.ts";
import { FaultPlan } from "./faults/fault-plan.ts";
import type { FaultSettingsInput } from "./faults/rules.ts";
import { type ExtraHandler, startServiceServer } from "./http/service-server.ts";
import { Access } from "./iam/access.ts";
import { Callers } from "./iam/caller.ts";
import { Iam } from "./iam/iam.ts";
import { logRights } from "./iam/log-rights.ts";
import { deliverTo } from "./lambda/destinations.ts";
import { handleInvoke } from "./lambda/invoke-api.ts";
import { LambdaService } from "./lambda/lambda-service.ts";
import type { Lifetimes } from "./lambda/lifetimes.ts";
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
import { KeptCloud } from "./persist/kept-cloud.ts";
import type { PersistenceOptions, PersistentModels } from "./persist/persistence.ts";
import type { EventSource } from "./sources/event-source.ts";
import { loadStacks, type Stack } from "./template/cloud-assembly.ts";
import { CloudFormation } from "./template/cloudformation.ts";
import type { DeployedResource } from "./template/deployed-stack.ts";
import type { StackUpdate } from "./template/stack-update.ts";

export type { StackUpdate };

export type CloudOptions = {
  /** The folder that `cdk synth` wrote. */
  readonly templateDir: string;
  /** 0 takes any free port. @default 0 */
  readonly port?: number;
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Takes the place of the period of every schedule, in milliseconds. */
  readonly scheduleEveryMs?: number;
  /** The longest that a Kinesis source gathers a batch, whatever its mapping says, in milliseconds. */
  readonly batchingWindowMs?: number;
  /** The most records that a Kinesis source gives at once, whatever its mapping says. */
  readonly batchRecords?: number;
  /** Gets every line that a function logs. */
  readonly logFile?: string;
  /** Processes per function without reserved concurrency; an invocation beyond it waits for one. @default 4 */
  readonly concurrency?: number;
  /** Concurrent executions of all functions; an invocation beyond it is throttled. @default 1,000 */
  readonly accountConcurrency?: number;
  /** How long Lambda environments stay warm. @default DEFAULT_LIFETIMES */
  readonly lifetimes?: Partial<Lifetimes>;
  /**
   * Whether a Kinesis shard takes only 1 MB and 1,000 records a second, and a key of a table 1,000 write units.
   * @default "enforced"
   */
  readonly limits?: "enforced" | "off";
  /** About the most bytes that the records of all streams occupy; a write beyond is throttled. @default 1 GiB */
  readonly streamBytes?: number;
  /**
   * Whether functions may do only what their roles' policies allow, and are invoked only by whom their own policies
   * let in. @default "enforced"
   */
  readonly iam?: "enforced" | "off";
  /**
   * Whether a method with IAM authorization asks for a signed request, by somebody who may invoke it. Off, so that
   * curl and a browser get on. @default "off"
   */
  readonly apiAuthorization?: "enforced" | "off";
  /** What goes wrong from the start; `faults` of the cloud, or /_millrace/faults, change it. @default nothing */
  readonly faults?: FaultSettingsInput;
  /** Where data are kept over the end of the process. @default nowhere */
  readonly persist?: Pick<PersistenceOptions, "folder" | "onFailure">;
  /** Whether a child shard is read only after its parents; AWS promises neither. @default true */
  readonly childrenWaitForParents?: boolean;
};

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
  const port = options.port || (await freePort(host));
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
  const log = options.logFile === undefined ? undefined : logInto(options.logFile, lambda);
  const sources: EventSource[] = [];

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
    const outputs = () => pointedHere(formation.outputs, gateway, endpoint);
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

/** Queue URLs and functions must know the port before the server listens, so it is picked by listening once. */
async function freePort(host: string): Promise<number> {
  const probe = createServer().listen(0, host);
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

function firstStage(gateway: ApiGateway): string {
  const [stage] = gateway.apis().flatMap((api) => api.stageNames());
  if (stage !== undefined) return stage;
  throw new MillraceError("LOCAL_TEMPLATE_INVALID", "the template has no API with a stage", {
    next: "refused",
  });
}

/** The outputs, with each API's address on AWS turned into this machine's. */
function pointedHere(
  outputs: Readonly<Record<string, string>>,
  gateway: ApiGateway,
  endpoint: string,
): Readonly<Record<string, string>> {
  const hosts = gateway
    .apis()
    .map(({ options }) => `https://${options.id}.execute-api.${REGION}.amazonaws.com`);
  const here = (value: string) => hosts.reduce((text, host) => text.replaceAll(host, endpoint), value);
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, here(value)]));
}

function logInto(file: string, lambda: LambdaService): { close(): Promise<void> } {
  const stream = createWriteStream(file, { flags: "a" });
  const off = lambda.logs.onLine(({ at, functionName, line }) =>
    stream.write(`${isoOf(at)} ${functionName} ${line}\n`),
  );
  const close = async () => {
    off();
    stream.end();
    await once(stream, "close");
  };
  return { close };
}
