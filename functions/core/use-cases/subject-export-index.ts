import {
  declarationOf,
  type ErasableStoreName,
  STORE_NAMES,
  type StoreName,
} from "../domain/personal-stores.ts";

/** A file of an export. */
export interface ExportedFile {
  readonly store: ErasableStoreName;
  /** Path in the archive: numbered, no id. */
  readonly path: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly records: number;
  /** Of media: what the store calls it, and whose it is. */
  readonly name?: string;
  readonly user_id?: string;
}

/** What an index tells of. */
export interface ExportAbout {
  readonly generatedAt: string;
  readonly userIds: readonly string[];
  /** Stores that were left out. */
  readonly except: readonly ErasableStoreName[];
  readonly files: readonly ExportedFile[];
}

/** The index for programs: every store of the declaration, what it is for, how long it is kept, and its files. */
export function jsonIndex({ generatedAt, userIds, except, files }: ExportAbout): string {
  const stores = STORE_NAMES.map((name) => {
    const { eraser, goneAfterDays, ...about } = declarationOf(name);
    const own = files.filter(({ store }) => store === name);
    return {
      name,
      ...about,
      exported: eraser !== undefined && !except.some((store) => store === name),
      ...(goneAfterDays !== undefined && { gone_after_days: goneAfterDays }),
      records: own.reduce((sum, { records }) => sum + records, 0),
      files: own.map(({ store: _, contentType, ...file }) => ({ ...file, content_type: contentType })),
    };
  });
  const index = { format: "hilo-subject-export", version: 1, generated_at: generatedAt, user_ids: userIds };
  return `${JSON.stringify({ ...index, stores }, null, 2)}\n`;
}

/** The index for people, in Spanish and English. */
export function htmlIndex({ generatedAt, userIds, except, files }: ExportAbout): string {
  const isExported = (name: StoreName): boolean =>
    declarationOf(name).eraser !== undefined && !except.some((store) => store === name);
  const sections = STORE_NAMES.filter(isExported).map((name) =>
    section(
      name,
      files.filter(({ store }) => store === name),
    ),
  );
  const others = STORE_NAMES.filter((name) => !isExported(name)).map((name) => {
    const { place, purpose, kept } = declarationOf(name);
    return `<tr><td>${escaped(place)}</td><td>${escaped(purpose)}</td><td>${escaped(kept)}</td></tr>`;
  });
  return `<!doctype html>
<html lang="es">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sus datos · Your data</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
td, th { border: 1px solid #ccc; padding: .3rem .6rem; text-align: left; vertical-align: top; }
dt { font-weight: 600; }
</style>
<h1>Sus datos · <span lang="en">Your data</span></h1>
<p>Todo lo que guardamos sobre usted, en formatos que otros programas leen (RGPD, artículos 15 y 20).
<span lang="en">Everything we hold about you, in formats that other programs read (GDPR, articles 15 and 20).</span></p>
<dl>
<dt>Fecha · <span lang="en">Date</span></dt><dd>${escaped(generatedAt)}</dd>
<dt>Identificadores · <span lang="en">Identifiers</span></dt><dd>${userIds.map(escaped).join("<br>")}</dd>
</dl>
${sections.join("\n")}
<h2>Copias que no se consultan · <span lang="en">Copies that are not searched</span></h2>
<p>Contienen lo mismo durante un tiempo y caducan solas.
<span lang="en">They hold the same for a while and expire by themselves.</span></p>
<table>
<tr><th>Lugar · <span lang="en">Place</span></th><th>Finalidad · <span lang="en">Purpose</span></th><th>Plazo · <span lang="en">Kept</span></th></tr>
${others.join("\n")}
</table>
</html>
`;
}

function section(name: StoreName, files: readonly ExportedFile[]): string {
  const { place, purpose, fields, kept } = declarationOf(name);
  const rows = files.map(
    ({ path, contentType, records, bytes }) =>
      `<tr><td><a href="${escaped(path)}">${escaped(path)}</a></td><td>${escaped(contentType)}</td><td>${records}</td><td>${bytes}</td></tr>`,
  );
  const list =
    rows.length === 0
      ? `<p>Nada · <span lang="en">Nothing</span></p>`
      : `<table>
<tr><th>Fichero · <span lang="en">File</span></th><th>Tipo · <span lang="en">Type</span></th><th>Registros · <span lang="en">Records</span></th><th>Bytes</th></tr>
${rows.join("\n")}
</table>`;
  return `<h2 id="${name}">${name}</h2>
<dl>
<dt>Lugar · <span lang="en">Place</span></dt><dd lang="en">${escaped(place)}</dd>
<dt>Finalidad · <span lang="en">Purpose</span></dt><dd lang="en">${escaped(purpose)}</dd>
<dt>Datos · <span lang="en">Fields</span></dt><dd>${fields.map(escaped).join(", ")}</dd>
<dt>Plazo · <span lang="en">Kept</span></dt><dd lang="en">${escaped(kept)}</dd>
</dl>
${list}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
