// From the keys to the invoices in somebody's QuickBooks, with the official client.
// CONDUCTOR_MOCK_API_SERVER_URL=http://localhost:4000 points it at a gateway of your own.
import Conductor from "conductor-node";

// 1. The keys, as `qbgateway init` prints them.
const conductor = new Conductor(process.env.SECRET_KEY);

// 2. An end user: keep its id.
const endUser = await conductor.endUsers.create({
  companyName: "Swamp and Sons",
  sourceId: "12345",
  email: "annie@swamp.example",
});
console.log("end user:", endUser.id);

// 3. A link, which the end user opens on the computer with QuickBooks.
const authSession = await conductor.authSessions.create({
  publishableKey: process.env.PUBLISHABLE_KEY,
  endUserId: endUser.id,
});
console.log("link:", authSession.authFlowUrl);

// 4. What is done there takes minutes, with the pages or with `qbsimulator connect`.
for (;;) {
  try {
    const { duration } = await conductor.endUsers.ping(endUser.id, "quickbooks_desktop");
    console.log("connected:", duration >= 0);
    break;
  } catch (error) {
    if (error.code !== "INTEGRATION_CONNECTION_NOT_SET_UP") throw error;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

// 5. QuickBooks, read and written.
const [customer] = await conductor.qbd.customer.query(endUser.id, { FullName: "Annie's Alligators" });
console.log("customer:", JSON.stringify(customer));

const newcomer = await conductor.qbd.customer.add(endUser.id, { Name: "Marsh & Daughters" });
const invoice = await conductor.qbd.invoice.add(endUser.id, {
  CustomerRef: { ListID: newcomer.ListID },
  InvoiceLineAdd: [{ ItemRef: { FullName: "Design" }, Quantity: 2, Rate: "60.00" }],
});
console.log("added:", invoice.CustomerRef.FullName, invoice.Subtotal);

const invoices = await conductor.qbd.invoice.query(endUser.id, { PaidStatus: "NotPaidOnly" });
for (const { TxnDate, CustomerRef, BalanceRemaining } of invoices) {
  console.log("invoice:", TxnDate, CustomerRef.FullName, BalanceRemaining);
}
