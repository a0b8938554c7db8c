import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { createIdentities } from "../../../functions/adapters/dynamodb/identities.ts";
import { createLakePeople } from "../../../functions/adapters/dynamodb/lake-people.ts";
import { contextKey, sessionKey } from "../../../functions/adapters/redis/keys.ts";
import { systemClock } from "../../../functions/core/domain/clock.ts";
import { trainingPerson } from "../../../functions/core/use-cases/training-record.ts";
import { Lake } from "../../support/lake.ts";
import { ago, anEvent, type Pipeline, somebody } from "../../support/pipeline.ts";
import { readHoldings } from "./holdings.ts";

/** Somebody with something in every store. */
export interface KnownPerson {
  readonly id: string;
  /** Their id on another channel. */
  readonly alias: string;
  /** Key of a picture that they sent. */
  readonly media: string;
}

export function knownPerson(): KnownPerson {
  const id = somebody("whatsapp");
  return { id, alias: somebody("telegram"), media: `media/images/2026/11/20/${id.slice(-12)}.jpg` };
}

/** What is held when nothing is. */
export const NOTHING: Awaited<ReturnType<PersonalData["heldOf"]>> = {
  rows: [],
  ids: [],
  documents: [],
  quarantined: [],
  profile: undefined,
  header: undefined,
  items: [],
  links: [],
  keys: 0,
  inLake: [],
  records: [],
};

/** A question and its answer. */
const exchange = (user: string, day: string) =>
  ["user", "assistant"].map((role, turn) =>
    anEvent(user, `m${turn}`, {
      timestamp: `${day}T10:00:0${turn}.000Z`,
      first_received_at: ago(600),
      role,
      content: `¿${role}?`,
      ...(role === "assistant" && { ai_model_used: "gpt-4o-mini" }),
    }),
  );

/** Data of people in every store: some of it in objects of a day that they share with others. */
export class PersonalData {
  readonly #pipeline: Pipeline;
  readonly lake: Lake;
  readonly day: string;

  constructor(pipeline: Pipeline, day: string) {
    this.#pipeline = pipeline;
    this.lake = new Lake(pipeline);
    this.day = day;
  }

  /** Delivers, exports and writes what people, and somebody who stays, have. @param exportDay exports the day */
  async plant(
    people: readonly KnownPerson[],
    bystander: string,
    exportDay: () => Promise<void>,
  ): Promise<void> {
    const pipeline = this.#pipeline;
    const ids = [...people.map(({ id }) => id), bystander];
    await pipeline.deliver(ids.flatMap((id) => exchange(id, this.day)));
    await pipeline.storeOnly(people.flatMap(({ alias }) => exchange(alias, this.day)));
    for (const id of ids) await pipeline.contextOf(id);
    await Promise.all(people.map((person) => this.#plantDirectly(person)));
    await exportDay();
  }

  /** What is held under an id, read from outside: nobody's code is asked. */
  async heldOf(user: string) {
    const pipeline = this.#pipeline;
    const tag = pipeline.keys.tag(user);
    const {
      contexts: _,
      headers,
      ...held
    } = await readHoldings(pipeline, user, [anEvent(user, "any").session_id], false);
    const tables = ["conversation-sessions", "user-objects"];
    const items = await Promise.all(tables.map((table) => pipeline.itemsOf(table, user)));
    const { Items: links = [] } = await pipeline.stage.documents.send(
      new QueryCommand({
        TableName: this.lake.table("identities"),
        KeyConditionExpression: "alias = :alias",
        ExpressionAttributeValues: { ":alias": user },
      }),
    );
    const logged = trainingPerson(user, pipeline.keys);
    const records = (await this.lake.trainingLog(this.day)).filter((record) =>
      JSON.stringify(record).includes(logged),
    );
    return {
      ...held,
      header: [...headers.values()][0],
      items: items.flat(),
      links,
      keys: await pipeline.stage.redis.exists(contextKey(tag), sessionKey(tag)),
      inLake: (await this.lake.rowsOf(this.day)).filter(({ user_id }) => user_id === user),
      records,
    };
  }

  /** An upload to the day's file whose writer was killed. */
  async beginUpload(): Promise<string | undefined> {
    const { s3, outputs } = this.#pipeline.stage;
    const command = new CreateMultipartUploadCommand({
      Bucket: outputs.bucket,
      Key: this.lake.keyOf(this.day),
    });
    return (await s3.send(command)).UploadId;
  }

  async unfinishedUploads(): Promise<(string | undefined)[]> {
    const { s3, outputs } = this.#pipeline.stage;
    const { Uploads: uploads = [] } = await s3.send(
      new ListMultipartUploadsCommand({ Bucket: outputs.bucket }),
    );
    return uploads.map(({ UploadId: id }) => id);
  }

  /** Versions and delete markers of the objects whose keys begin so. */
  async versionsOf(Prefix: string) {
    const { s3, outputs } = this.#pipeline.stage;
    const { Versions: versions = [], DeleteMarkers: markers = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: outputs.bucket, Prefix }),
    );
    return [...versions, ...markers];
  }

  /** What later parts of the product will write. */
  async #plantDirectly({ id, alias, media }: KnownPerson): Promise<void> {
    const { documents: client, s3, outputs } = this.#pipeline.stage;
    const identities = createIdentities({ client, table: this.lake.table("identities") });
    for (const one of [id, alias])
      await identities.link({ alias: one, person_id: `person_${id.slice(-12)}`, valid_from: ago(86_400) });
    await this.lake.put("conversation-sessions", {
      user_id: id,
      session_id: "s-1",
      generation: 1,
      content: "x",
    });
    await this.lake.put("quarantine", { user_id: id, received: `${ago(500)}#1`, body: "x", generation: 1 });
    const entries = createLakePeople({ client, table: this.lake.table("user-objects"), clock: systemClock });
    await entries.add(media, [{ user_id: id, generation: 1 }]);
    for (const Body of ["first version", "second version"])
      await s3.send(new PutObjectCommand({ Bucket: outputs.bucket, Key: media, Body }));
  }
}
