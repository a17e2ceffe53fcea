/** Grey bars as wide as words. */
export function Bars({ widths }: { widths: readonly string[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity
  return widths.map((width, at) => <span className="bar" key={at} style={{ width }} />);
}

/** Rows of a list that is not there yet. */
export function Rows({ rows }: { rows: number }) {
  return (
    <div className="rows">
      {Array.from({ length: rows }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all the same
        <div className="row" key={at}>
          <Bars widths={["38%", "62%"]} />
        </div>
      ))}
    </div>
  );
}
