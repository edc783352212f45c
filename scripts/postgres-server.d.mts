/** A PostgreSQL server, ready: the one that TEST_DATABASE_URL names, or else one in a container. */
export function postgresServer(command: string): Promise<{ url: string; remove(): void }>
