/** For authors of new destinations and stores: what the interfaces promise, as checks, and parts that live in memory. */
export * from '../destinations/checks.ts'
export * from '../destinations/memory.ts'
export * from '../stores/checks.ts'
export * from './check.ts'
export * from './collect.ts'
export * from './faulty-disk.ts'
export * from './synthetic-snapshot.ts'
export * from './test-job.ts'
