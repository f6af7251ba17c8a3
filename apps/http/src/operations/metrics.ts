const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Timing {
  readonly counts: number[];
  sum: number;
  count: number;
}

/** What the service has to show at one moment, beside its requests. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly values: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

/** Counts and times of requests, in the text format of Prometheus. Labels are routes, never URLs: there is no end of those. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #timings = new Map<string, Timing>();

  request(method: string, route: string, status: number, seconds: number): void {
    const labels = labelsOf({ method, route, status: String(status) });
    this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
    const timing = this.#timings.get(route) ?? { counts: BUCKETS.map(() => 0), sum: 0, count: 0 };
    this.#timings.set(route, timing);
    for (const [place, bound] of BUCKETS.entries())
      if (seconds <= bound) timing.counts[place] = (timing.counts[place] ?? 0) + 1;
    timing.sum += seconds;
    timing.count += 1;
  }

  text(gauges: readonly Gauge[]): string {
    return [
      ...head('slipline_http_requests_total', 'counter', 'Requests that were answered.'),
      ...[...this.#requests].map(([labels, count]) => `slipline_http_requests_total${labels} ${count}`),
      ...head(
        'slipline_http_request_seconds',
        'histogram',
        'How long answers took; streams of events are not among them.',
      ),
      ...[...this.#timings].flatMap(([route, timing]) =>
        histogram('slipline_http_request_seconds', route, timing),
      ),
      ...gauges.flatMap(({ name, help, values }) => [
        ...head(name, name.endsWith('_total') ? 'counter' : 'gauge', help),
        ...values.map(({ labels = {}, value }) => `${name}${labelsOf(labels)} ${value}`),
      ]),
      '',
    ].join('\n');
  }
}

function histogram(name: string, route: string, { counts, sum, count }: Timing): readonly string[] {
  return [
    ...BUCKETS.map(
      (bound, place) => `${name}_bucket${labelsOf({ route, le: String(bound) })} ${counts[place] ?? 0}`,
    ),
    `${name}_bucket${labelsOf({ route, le: '+Inf' })} ${count}`,
    `${name}_sum${labelsOf({ route })} ${sum}`,
    `${name}_count${labelsOf({ route })} ${count}`,
  ];
}

function head(name: string, type: string, help: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
