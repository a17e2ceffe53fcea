/** A server with one list, which serves reads as the rows are at that moment. */
import {
  createMizan,
  defineCall,
  defineList,
  type Mizan,
  type Page,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from "../src/index.js";
import { FakeClock } from "./harness.js";

export interface Row {
  readonly id: number;
  /** What the list is sorted by, then by the id. */
  readonly at: number;
}

export const rows = defineList<{ list_id: number }, { rows: Page<Row> }>({
  name: "rows",
  params: ["list_id"],
  functions: ["rows"],
  key: "id",
});
export const change = defineCall<object, string>({ name: "change", affects: ["rows"] });

/** The cursor of a row: texts sort as the keys do. */
export const cursor = ({ at, id }: Row): string => `${`${at}`.padStart(6, "0")}_${`${id}`.padStart(6, "0")}`;

export class ListServer implements Transport {
  rows: Row[];
  /** Urls of reads since the last look, without the part that is the same in all. */
  private log: string[] = [];
  /** What the bodies of calls held. */
  mounted: { params: object }[] = [];
  /** Responses that are ready, and wait to be sent. */
  readonly waiting: (() => void)[] = [];
  /** Status of the next responses of reads, instead of the rows. */
  readonly failures: number[] = [];
  /** Runs inside of a call; its response names the list as stale. */
  work = () => {};
  /** Whether calls bring fresh values. */
  refreshes = true;
  /** Whether a read is served as the rows are when it arrives, or when the response is sent. */
  readsEarly = true;

  constructor(ats: readonly number[]) {
    this.rows = ats.map((at, id) => ({ at, id }));
  }

  sorted(): Row[] {
    return [...this.rows].sort((one, other) => (cursor(one) < cursor(other) ? -1 : 1));
  }

  page(params: { after?: string; until?: string; limit?: number | string }): { rows: Page<Row> } {
    const { after = "", until } = params;
    const limit = Number(params.limit ?? 3);
    const found = this.sorted().filter((row) => cursor(row) > after && (!until || cursor(row) <= until));
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { rows: { items, next: found.length > limit && last ? cursor(last) : (until ?? null) } };
  }

  send({ method, url, body }: TransportRequest): Promise<TransportResponse> {
    return new Promise((resolve) => {
      const send = (of: object, status = 200) => resolve({ status, body: JSON.stringify(of) });
      if (url.endsWith("/session/")) {
        this.waiting.push(() =>
          send(method === "GET" ? { csrfToken: "t" } : { result: null, session: "changed" }),
        );
        return;
      }
      if (method === "POST") {
        const { mounted = [] } = JSON.parse(body!);
        this.mounted = mounted;
        this.work();
        const fresh = mounted.map(({ params }: { params: object }, at: number) => ({
          at,
          data: this.page(params),
        }));
        const refresh = this.refreshes ? fresh : [];
        this.waiting.push(() => send({ result: "ok", invalidate: ["rows"], refresh }));
        return;
      }
      const query = new URL(url, "http://localhost").searchParams;
      const entries = query.getAll("e");
      if (entries.length) {
        this.log.push(entries.map((entry) => `e=${entry}`).join(" "));
        const line = (entry: string, e: number) => {
          const pairs = entry.split(";").slice(1);
          return JSON.stringify({
            e,
            data: this.page(Object.fromEntries(pairs.map((pair) => pair.split("=")))),
          });
        };
        const body = [...entries.map(line), JSON.stringify({ end: entries.length })].join("\n");
        this.waiting.push(() => resolve({ status: 200, body }));
        return;
      }
      query.delete("list_id");
      this.log.push(`${query}`);
      const status = this.failures.shift();
      const early = this.page(Object.fromEntries(query));
      this.waiting.push(() => {
        if (status) send({ error: { code: `E${status}`, message: "no" } }, status);
        else send(this.readsEarly ? early : this.page(Object.fromEntries(query)));
      });
    });
  }

  /** What the reads since the last look asked for. */
  fresh(): string[] {
    return this.log.splice(0);
  }

  answer(at = 0): void {
    this.waiting.splice(at, 1)[0]?.();
  }
}

export function listWorld(ats: readonly number[]): { clock: FakeClock; mizan: Mizan; server: ListServer } {
  const server = new ListServer(ats);
  const clock = new FakeClock();
  return { clock, server, mizan: createMizan({ clock, transport: server }) };
}
