/** Lines whose cells stand below each other, two spaces apart. */
export function alignColumns(
  rows: readonly (readonly string[])[],
  sides: readonly ("left" | "right")[],
): string[] {
  const widths = sides.map((_, column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        sides[column] === "left" ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}
