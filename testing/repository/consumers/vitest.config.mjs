// The name keeps Jest, whose own tests end in .test.ts, away from it.
export default { test: { include: ['session.vitest.ts'] } }
