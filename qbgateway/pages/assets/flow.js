"use strict";
// Shows how far it is without a reload, so that a password on the page stays there. All else works without this script.
(() => {
  const root = document.querySelector("[data-poll]");
  for (const time of document.querySelectorAll("time[datetime]")) {
    time.textContent = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  }
  const secret = document.getElementById("password");
  const copy = document.getElementById("copy");
  const said = document.getElementById("said");
  const say = (text) => { if (said && said.textContent !== text) said.textContent = text; };
  if (secret) secret.addEventListener("focus", () => secret.select());
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(secret.value);
      copy.textContent = "Copied";
      say("The password was copied.");
    });
  }
  if (!root) return;

  const again = document.getElementById("again");
  if (again) again.hidden = true;
  const show = (state) => {
    if (state.step === "finished") {
      location.replace(root.dataset.page);
      return false;
    }
    for (const check of state.checks) {
      const row = root.querySelector(`[data-check="${check.name}"]`);
      if (!row || row.dataset.done === String(check.isDone)) continue;
      row.dataset.done = String(check.isDone);
      row.querySelector(".state").textContent = check.isDone ? "Done" : "Not yet";
      if (check.isDone) say(check.text + ".");
    }
    const box = document.getElementById("problem");
    const problem = state.problem;
    box.hidden = !problem;
    if (problem && box.dataset.code !== problem.code) {
      box.querySelector(".title").textContent = problem.title;
      box.querySelector(".advice").textContent = problem.advice;
      box.querySelector(".detail").textContent = problem.detail ? "QuickBooks calls this " + problem.detail + "." : "";
    }
    box.dataset.code = problem ? problem.code : "";
    document.getElementById("over").hidden = state.isValid;
    return true;
  };
  const every = 3000, slowest = 30000;
  let wait = every;
  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(root.dataset.poll, { headers: { Accept: "application/json" }, cache: "no-store" });
        if (answer.status === 404) {
          document.getElementById("stale").hidden = false;
          return;
        }
        if (answer.ok && !show(await answer.json())) return;
        wait = answer.ok ? every : Math.min(wait * 2, slowest);
      } catch {
        wait = Math.min(wait * 2, slowest);
      }
    }
    setTimeout(look, wait);
  };
  setTimeout(look, every);
})();
