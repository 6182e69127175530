import { type Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Bundle } from "./bundle.ts";
import type { Storage } from "./storage.ts";

/** What all functions of an application have in common. */
export type Surroundings = {
  readonly application: string;
  readonly storage: Storage;
  readonly logRetention: logs.RetentionDays;
  /** The epoch that the application goes on with. @default 0 */
  readonly epoch?: number;
};

export type BundledFunctionProps = Surroundings & {
  readonly bundle: Bundle;
  /** Names the function in logs and metrics: a stage's id, or the handler's name. */
  readonly service: string;
  readonly description: string;
  /** 128 to 10,240 MB; the share of a processor grows with it, to one whole at 1,769. */
  readonly memoryMb: number;
  readonly timeout: Duration;
  /** By stream or stage id, the names of the Kinesis streams into which it writes. */
  readonly writesTo?: ReadonlyMap<string, { readonly streamName: string; readonly streamArn: string }>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Another function takes its place in another epoch. @default it is updated */
  readonly ofEpoch?: boolean;
};

/** A Lambda function with a log group and a role of its own that allow it nothing but what it is granted. */
export class BundledFunction extends Construct {
  readonly function: lambda.Function;
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    super(scope, id);
    const { storage, bundle, service, writesTo = new Map(), epoch = 0, ofEpoch = false } = props;
    const logGroup = new logs.LogGroup(this, "Logs", {
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // not AWSLambdaBasicExecutionRole, which may write to every log group of the account
    this.role = new iam.Role(this, "Role", { assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(this.role);
    if (writesTo.size > 0)
      iam.Grant.addToPrincipal({
        grantee: this.role,
        actions: ["kinesis:PutRecords"],
        resourceArns: [...writesTo.values()].map(({ streamArn }) => streamArn),
      });
    const names = [...writesTo].map(([stream, { streamName }]) => [stream, streamName] as const);
    // a stream takes one mapping for a function at a time, and the new one is made before the old one goes
    this.function = new lambda.Function(this, ofEpoch && epoch > 0 ? `Function${epoch}` : "Function", {
      description: props.description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: "index.handler",
      code: bundle.code,
      role: this.role,
      memorySize: props.memoryMb,
      timeout: props.timeout,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      environment: {
        MILLRACE_APPLICATION: props.application,
        MILLRACE_CODE_VERSION: bundle.version,
        MILLRACE_LOG_TABLE: storage.log.tableName,
        MILLRACE_VIEWS_TABLE: storage.views.tableName,
        MILLRACE_FAILED_TABLE: storage.failed.tableName,
        MILLRACE_BUCKET: storage.bucket.bucketName,
        ...(epoch === 0 ? {} : { MILLRACE_EPOCH: String(epoch) }),
        MILLRACE_STREAMS: Stack.of(this).toJsonString(Object.fromEntries(names)),
        POWERTOOLS_SERVICE_NAME: service,
        POWERTOOLS_METRICS_NAMESPACE: "Millrace",
        NODE_OPTIONS: "--enable-source-maps",
        ...props.environment,
      },
    });
  }
}
