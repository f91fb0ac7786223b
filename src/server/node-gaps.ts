/** What Node 20 has not yet and our code takes for granted; Node 22 has it. Imported before anything else. */
Promise.withResolvers ??= function withResolvers<T>() {
	let resolve!: PromiseWithResolvers<T>["resolve"];
	let reject!: PromiseWithResolvers<T>["reject"];
	const promise = new Promise<T>((fulfil, fail) => {
		resolve = fulfil;
		reject = fail;
	});
	return { promise, resolve, reject };
};
