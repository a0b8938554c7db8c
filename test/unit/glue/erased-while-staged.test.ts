import { expect, it } from "vitest";
import { lakeRowOf } from "../../../functions/core/domain/lake-row-of.ts";
import { shardOf } from "../../../functions/core/domain/shard.ts";
import { exportDayObject } from "../../../functions/core/use-cases/export-day-object.ts";
import { finishDay } from "../../../functions/core/use-cases/finish-day.ts";
import { createStagedRowSource } from "../../../functions/core/use-cases/publish-staged-rows.ts";
import { later } from "../../support/builders.ts";
import { fakeLakeRowFiles } from "../../support/fakes/fake-lake-row-files.ts";
import { ANA, aMessageOf, BEA, DAY, eraseAll, ObjectScene } from "../erasure/objects/scene.ts";

const CEM = "whatsapp:+34600000003";
const RUN = `staging/export-conversations/${DAY}/20261120T115000000Z-a/`;

it("publishes no run that an erasure took files from while Spark went on", async () => {
  const scene = new ObjectScene();
  const { lake, bucket } = scene;
  const stage = async (user: string): Promise<void> => {
    const chunks: Uint8Array[] = [];
    const rows = async function* () {
      yield lakeRowOf(aMessageOf(user, DAY));
    };
    await fakeLakeRowFiles.write(rows(), async (chunk) => void chunks.push(chunk));
    bucket.put(`${RUN}shard=${shardOf(user)}/part-00000-u.zstd.parquet`, Buffer.concat(chunks));
  };
  // One shard is staged; somebody is erased; Spark stages the other one and ends.
  await stage(BEA);
  await eraseAll(scene.stores().passing, scene.fence(ANA));
  lake.now = new Date(later(60_000, lake.now.toISOString()));
  await stage(CEM);
  bucket.put(`${RUN}_SUCCESS`, new Uint8Array(1));

  const source = createStagedRowSource({
    staged: { keys: async (prefix) => bucket.keys().filter((key) => key.startsWith(prefix)) },
    objects: bucket,
    files: fakeLakeRowFiles,
  });
  const exported = exportDayObject({ day: DAY, object: 0, objects: 1 }, { ...lake.exportDeps(), source });
  await expect(exported).rejects.toThrow(/no rows of 2026-11-18 are staged: run the job/);
  // Without the rows of the first shard the day would be called clean, and they would expire in the table.
  expect((await finishDay(DAY, lake.finishDeps())).state).toBe("dirty");
});
