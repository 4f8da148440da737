/** Who may import whom: the rules of ARCHITECTURE.md, kept by `npm run rooms`. */
const room = (name) => `^engine/src/${name}/`
const neighbours = ['sources', 'destinations', 'stores', 'schema']

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'model-knows-nothing',
      severity: 'error',
      from: { path: room('model'), pathNot: '\\.test\\.ts$' },
      to: { pathNot: [room('model'), '^node_modules/typebox/'] },
    },
    {
      name: 'work-knows-the-model-only',
      severity: 'error',
      from: { path: room('work') },
      to: { path: '^engine/src/', pathNot: [room('work'), room('model')] },
    },
    {
      name: 'snapshot-knows-work-and-model',
      severity: 'error',
      from: { path: room('snapshot') },
      to: { path: '^engine/src/', pathNot: [room('snapshot'), room('work'), room('model')] },
    },
    ...neighbours.map((name) => ({
      name: `neighbours-do-not-meet-${name}`,
      comment: 'Sources, destinations, stores and schema meet in the center; a store knows the Destination interface.',
      severity: 'error',
      from: { path: room(name), pathNot: '\\.test\\.ts$' },
      to: {
        path: neighbours.filter((other) => other !== name).map(room),
        pathNot: name === 'stores' ? '^engine/src/destinations/destination\\.ts$' : undefined,
      },
    })),
    {
      name: 'nothing-imports-the-center',
      severity: 'error',
      from: { path: '^engine/src/', pathNot: [room('center'), '^engine/src/index\\.ts$', '\\.test\\.ts$'] },
      to: { path: room('center') },
    },
    {
      name: 'engine-stands-alone',
      severity: 'error',
      from: { path: '^engine/src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(app|demo|e2e|bench|tools)/' },
    },
    {
      name: 'no-deep-imports-between-packages',
      severity: 'error',
      from: { path: '^(app|demo)/' },
      to: { path: '^engine/src/', pathNot: '^engine/src/(model/|testing/)?index\\.ts$' },
    },
    { name: 'demo-stands-alone', severity: 'error', from: { path: '^demo/' }, to: { path: '^(engine|app)/' } },
    {
      name: 'no-tests-in-the-product',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$' },
      to: { path: '\\.test\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
