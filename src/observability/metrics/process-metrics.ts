import { collectDefaultMetrics, type Registry } from "prom-client";

/** What Bun gives no true figure of: they would be 0 for good, or address space instead of memory. */
const NOT_TRUE_OF_BUN = [
	"process_heap_bytes",
	"process_virtual_memory_bytes",
	"nodejs_active_resources",
	"nodejs_active_resources_total",
	"nodejs_active_handles",
	"nodejs_active_handles_total",
	"nodejs_active_requests",
	"nodejs_active_requests_total",
	"nodejs_heap_space_size_total_bytes",
	"nodejs_heap_space_size_used_bytes",
	"nodejs_heap_space_size_available_bytes",
	"nodejs_gc_duration_seconds",
];

/** Processor time, memory, open files and the lag of the event loop, under the names that dashboards know. */
export function addProcessMetrics(registry: Registry): void {
	collectDefaultMetrics({ register: registry });
	for (const name of NOT_TRUE_OF_BUN) registry.removeSingleMetric(name);
}
