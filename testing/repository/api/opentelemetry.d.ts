// @oauth-ratchet/opentelemetry
export { InstrumentOptions }
export { Labels }
export { MetricDefinition }
export { MetricName }
export { MetricOptions }
export { MetricSink }
export { durationBounds }
export { instrument }
export { metricDefinitions }
export { prometheusName }
export { recordMetrics }

declare const durationBounds: number[];
declare const metricDefinitions: {
    readonly 'oauth_ratchet.requests': {
        readonly kind: 'counter';
        readonly description: 'Requests by endpoint, grant type, client and outcome: ok, or the OAuth error code';
        readonly labels: readonly ["endpoint", "grant_type", "client", "outcome"];
    };
    readonly 'oauth_ratchet.request.duration': {
        readonly kind: 'histogram';
        readonly unit: 's';
        readonly description: 'Time from the read request to its answer';
        readonly labels: readonly ["endpoint", "grant_type"];
    };
    readonly 'oauth_ratchet.storage.duration': {
        readonly kind: 'histogram';
        readonly unit: 's';
        readonly description: 'Time of one storage call, as the server waits for it';
        readonly labels: readonly ["operation", "outcome"];
    };
    readonly 'oauth_ratchet.sessions.begun': {
        readonly kind: 'counter';
        readonly description: 'Grants that came to life';
        readonly labels: readonly ["client"];
    };
    readonly 'oauth_ratchet.sessions.ended': {
        readonly kind: 'counter';
        readonly description: 'Grants that were ended, by reason; not those that expire';
        readonly labels: readonly ["client", "reason"];
    };
    readonly 'oauth_ratchet.refreshes.repeated': {
        readonly kind: 'counter';
        readonly description: 'Refreshes that were answered once more with the same successor';
        readonly labels: readonly ["client"];
    };
    readonly 'oauth_ratchet.reuse': {
        readonly kind: 'counter';
        readonly description: 'Spent tokens and codes that came back, by probable cause';
        readonly labels: readonly ["client", "reason", "cause", "observed"];
    };
    readonly 'oauth_ratchet.authentications.failed': {
        readonly kind: 'counter';
        readonly description: 'Failed authentications of clients and users, and those that were throttled';
        readonly labels: readonly ["of", "throttled"];
    };
    readonly 'oauth_ratchet.tokens.import_refused': {
        readonly kind: 'counter';
        readonly description: 'Refresh tokens from before that were not imported';
        readonly labels: readonly ["reason"];
    };
    readonly 'oauth_ratchet.tokens.unknown_key': {
        readonly kind: 'counter';
        readonly description: 'Tokens under a key that no secret has';
        readonly labels: readonly ["kind"];
    };
};
declare function instrument(server: AuthorizationServer, options?: InstrumentOptions): () => void;
declare function prometheusName(name: MetricName): string;
declare function recordMetrics(server: AuthorizationServer, sink: MetricSink, { clients, maxClients }?: MetricOptions): () => void;
interface InstrumentOptions extends MetricOptions {
    readonly tracer?: Tracer | undefined;
    readonly meter?: Meter | undefined;
}
interface MetricDefinition {
    readonly kind: 'counter' | 'histogram';
    readonly description: string;
    readonly unit?: 's';
    readonly labels: readonly string[];
}
interface MetricOptions {
    readonly clients?: readonly string[] | undefined;
    readonly maxClients?: number | undefined;
}
interface MetricSink {
    count(name: MetricName, labels: Labels): void;
    observe(name: MetricName, seconds: number, labels: Labels): void;
}
type Labels = Readonly<Record<string, string>>;
type MetricName = keyof typeof metricDefinitions;
