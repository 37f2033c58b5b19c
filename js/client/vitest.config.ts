import { defineConfig } from 'vitest/config';

// The time limit is the deadline of what a test waits for; it is generous, since a server is started for each.
export default defineConfig({ test: { testTimeout: 60_000, hookTimeout: 60_000, reporters: ['default'] } });
