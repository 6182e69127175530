import { Duration, RemovalPolicy } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import * as s3 from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";

export type StorageProps = {
  /** What happens to data when the stack is deleted. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
};

/**
 * Where an application's data is: tables for commit logs, views, failed events and repeated requests; a bucket
 * for what is too large for them, snapshots and the lake. Each grant names the calls of one job and no others.
 */
export class Storage extends Construct {
  /** Partitions' commit logs: `pk` stage#partition#epoch, `v` version. */
  readonly log: dynamodb.Table;
  /** Rows of all views: `pk` view#key, `sk` sort value. */
  readonly views: dynamodb.Table;
  /** Failed events: `pk` pipeline, `sk` failed id. They stay until somebody has seen to them. */
  readonly failed: dynamodb.Table;
  /** Requests that ingest has answered, for as long as a client may repeat them. */
  readonly idempotency: dynamodb.Table;
  /** `log/`, `snapshots/`, `failed/` and `lake/`. */
  readonly bucket: s3.Bucket;

  constructor(scope: Construct, id: string, { removalPolicy = RemovalPolicy.RETAIN }: StorageProps = {}) {
    super(scope, id);
    const { STRING, NUMBER } = dynamodb.AttributeType;
    const rows = {
      partitionKey: { name: "pk", type: STRING },
      sortKey: { name: "sk", type: STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      removalPolicy,
      deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
    };
    this.log = new dynamodb.Table(this, "Log", {
      ...rows,
      sortKey: { name: "v", type: NUMBER },
      // views and the lake can be made again from the log and the streams; the log cannot
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    this.views = new dynamodb.Table(this, "Views", rows);
    this.failed = new dynamodb.Table(this, "Failed", rows);
    this.idempotency = new dynamodb.Table(this, "Idempotency", {
      partitionKey: { name: "id", type: STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: "expiration",
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.bucket = new s3.Bucket(this, "Bucket", {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy,
      // CloudFormation deletes only an empty bucket: this brings a function into the stack that empties it
      autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
      lifecycleRules: [{ id: "orphaned-uploads", abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
  }

  /** What the stage loop does: read and append to the log, keep bodies and snapshots, write failed events. */
  grantCommits(grantee: iam.IGrantable): void {
    allowTable(grantee, this.log, ["GetItem", "Query", "PutItem", "BatchWriteItem"]);
    allowTable(grantee, this.failed, ["BatchWriteItem"]);
    this.#allowObjects(grantee, ["s3:GetObject", "s3:PutObject"], ["log", "snapshots"]);
    this.#allowObjects(grantee, ["s3:DeleteObject"], ["log", "snapshots"]);
    this.#allowObjects(grantee, ["s3:PutObject"], ["failed"]);
    this.#allowMissing(grantee);
  }

  grantViewWrites(grantee: iam.IGrantable): void {
    allowTable(grantee, this.views, ["PutItem"]);
  }

  grantLakeWrites(grantee: iam.IGrantable): void {
    this.#allowObjects(grantee, ["s3:PutObject"], ["lake"]);
  }

  /** Rows of views, failed events and their payloads. */
  grantReads(grantee: iam.IGrantable): void {
    allowTable(grantee, this.views, ["Query"]);
    allowTable(grantee, this.failed, ["Query"]);
    this.#allowObjects(grantee, ["s3:GetObject"], ["failed"]);
    this.#allowMissing(grantee);
  }

  /** What a partition's state is read from: its log and its snapshots. */
  grantStateReads(grantee: iam.IGrantable): void {
    allowTable(grantee, this.log, ["GetItem", "Query"]);
    this.#allowObjects(grantee, ["s3:GetObject"], ["log", "snapshots"]);
  }

  /** The newest entry of each partition: its timers and what it owes. */
  grantTimerReads(grantee: iam.IGrantable): void {
    allowTable(grantee, this.log, ["Query"]);
  }

  /** The calls of Powertools' DynamoDB persistence layer. */
  grantIdempotency(grantee: iam.IGrantable): void {
    allowTable(grantee, this.idempotency, ["GetItem", "PutItem", "UpdateItem", "DeleteItem"]);
  }

  #allowObjects(grantee: iam.IGrantable, actions: string[], prefixes: readonly string[]): void {
    const resourceArns = prefixes.map((prefix) => this.bucket.arnForObjects(`${prefix}/*`));
    iam.Grant.addToPrincipal({ grantee, actions, resourceArns });
  }

  /** Without it S3 answers 403 instead of 404 for an object that is not there. */
  #allowMissing(grantee: iam.IGrantable): void {
    const resourceArns = [this.bucket.bucketArn];
    iam.Grant.addToPrincipal({ grantee, actions: ["s3:ListBucket"], resourceArns });
  }
}

function allowTable(grantee: iam.IGrantable, table: dynamodb.Table, calls: readonly string[]): void {
  const actions = calls.map((call) => `dynamodb:${call}`);
  iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [table.tableArn] });
}
