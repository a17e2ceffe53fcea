/** The network between the instance and its transport: seen, and made worse where the panel asks for it. */
import type { Transport, TransportRequest } from "@mizan/base";

/** How requests fare. */
export type Weather = "normal" | "slow" | "offline" | "failing";

/** A call that has ended. */
export interface EndedCall {
  readonly name: string;
  /** 0 without a response. */
  readonly status: number;
  readonly milliseconds: number;
}

/** What {@link tap} makes. */
export interface Network {
  weather: Weather;
  /** Called when a call ends. */
  onCall: (call: EndedCall) => void;
  /** Puts the transport back as it was. */
  release(): void;
}

/** The delay of a slow network, in milliseconds. */
export const SLOW = 2_000;

const FAILURE = { error: { code: "INTERNAL_ERROR", message: "simulated by the devtools" } };

/** Takes the place of the `send` of a transport, which the kernel looks up for each request. */
export function tap(transport: Transport): Network {
  const { send } = transport;

  async function exchange(request: TransportRequest) {
    if (network.weather === "offline") throw new TypeError("offline: simulated by the devtools");
    if (network.weather === "failing") return { status: 500, body: JSON.stringify(FAILURE) };
    if (network.weather === "slow") await delay(request.signal);
    return send.call(transport, request);
  }

  async function tapped(request: TransportRequest) {
    const name = nameOf(request);
    if (name === undefined) return exchange(request);
    const began = performance.now();
    let status = 0;
    try {
      const response = await exchange(request);
      status = response.status;
      return response;
    } finally {
      network.onCall({ name, status, milliseconds: Math.round(performance.now() - began) });
    }
  }

  const network: Network = {
    weather: "normal",
    onCall: () => {},
    release() {
      // Another panel may have taken its place after this one.
      if (transport.send === tapped) transport.send = send;
      network.weather = "normal";
      network.onCall = () => {};
    },
  };
  transport.send = tapped;
  return network;
}

/** The name of the function that a request calls. */
function nameOf({ method, url, body = "" }: TransportRequest): string | undefined {
  if (method !== "POST" || !url.endsWith("/call/")) return undefined;
  return String(JSON.parse(body).fn);
}

function delay(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, SLOW);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
