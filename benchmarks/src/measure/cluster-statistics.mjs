/** What one node of a cluster has counted since its start. */
export async function statisticsOf(node) {
  const info = await node.info('everything')
  const figure = (pattern) => Number(new RegExp(pattern).exec(info)?.[1] ?? 0)
  return {
    keys: await node.dbsize(),
    scripts: figure('cmdstat_evalsha:calls=(\\d+)'),
    scriptMicros: figure('cmdstat_evalsha:calls=\\d+,usec=(\\d+)'),
    cpuMicros: (figure('used_cpu_user:([\\d.]+)') + figure('used_cpu_sys:([\\d.]+)')) * 1e6,
    bytesIn: figure('total_net_input_bytes:(\\d+)'),
    replicated: figure('master_repl_offset:(\\d+)'),
    memory: figure('used_memory:(\\d+)'),
    crossSlot: figure('errorstat_CROSSSLOT:count=(\\d+)'),
    moved: figure('errorstat_MOVED:count=(\\d+)'),
  }
}

/** What all nodes together have counted between two looks. */
export function differenceOf(after, before) {
  const names = Object.keys(after[0])
  return Object.fromEntries(names.map((name) => [name, sum(after, name) - sum(before, name)]))
}

function sum(nodes, name) {
  return nodes.reduce((total, node) => total + node[name], 0)
}

/** For each slot that the node serves, the keys in it. */
export async function keysPerSlot(node) {
  const me = await node.cluster('MYID')
  const served = (await node.cluster('SLOTS')).filter(([, , [, , id]]) => id === me)
  const slots = served.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i))
  const pipeline = node.pipeline()
  for (const slot of slots) pipeline.cluster('COUNTKEYSINSLOT', slot)
  return (await pipeline.exec()).map(([, count]) => count)
}
