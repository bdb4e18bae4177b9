BEGIN TRANSACTION;
CREATE TABLE events (
        seq INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        type TEXT NOT NULL,
        account TEXT,
        alert_id TEXT,
        order_id TEXT,
        writer TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        number INTEGER NOT NULL,
        cause TEXT NOT NULL,
        body TEXT NOT NULL
    );
INSERT INTO "events" VALUES(1,'2026-03-02T14:30:00.000250Z','ActorStarted',NULL,NULL,NULL,'test',0,1,'c1','{"at":"2026-03-02T14:30:00.000250Z","actor":"risk.paper","incarnation":2,"last_error":"ValueError: no such leg"}');
INSERT INTO "events" VALUES(2,'2026-03-02T14:30:00.000250Z','AlertAccepted',NULL,'a1',NULL,'test',0,2,'c2','{"at":"2026-03-02T14:30:00.000250Z","alert_id":"a1","strategy":"demo","routes":["paper","main"],"symbol":"BRK.B","action":"buy","quantity":"10","price":"250.10","fired_at":"2026-03-02T14:29:59.000250Z","message":"breakout “up”","client_id":"c-1","address":"52.89.214.238","dedup":"9f2c"}');
INSERT INTO "events" VALUES(3,'2026-03-02T14:30:00.000250Z','AlertUnreadable',NULL,'a2',NULL,'test',1,3,'c3','{"at":"2026-03-02T14:30:00.000250Z","alert_id":"a2","strategy":null,"faults":["action: unknown action ''byu''","quantity: missing"],"body":"{\"action\": \"byu\"}","address":"52.89.214.238"}');
INSERT INTO "events" VALUES(4,'2026-03-02T14:30:00.000250Z','SignalApproved','paper','a1',NULL,'test',1,4,'c4','{"at":"2026-03-02T14:30:00.000250Z","alert_id":"a1","account":"paper","strategy":"demo","symbol":"BRK.B","checks":[{"code":"MAX_ORDER_VALUE","passed":true,"inputs":{"value":"2501.00","limit":"5000"}},{"code":"CASH","passed":true,"inputs":{}}]}');
INSERT INTO "events" VALUES(5,'2026-03-02T14:30:00.000250Z','SignalRefused','main','a1',NULL,'test',1,5,'c5','{"at":"2026-03-02T14:30:00.000250Z","alert_id":"a1","account":"main","strategy":"demo","symbol":"BRK.B","code":"MAX_ORDER_VALUE","inputs":{"value":"2501.00","limit":"2500"},"is_exit":false}');
INSERT INTO "events" VALUES(6,'2026-03-02T14:30:00.000250Z','OrderPlanned','paper','a1','a1.paper.1','test',2,6,'c6','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","strategy":"demo","symbol":"BRK.B","side":"buy","quantity":"10","order_type":"limit","limit_price":"250.50","time_in_force":"gtc","intent":"entry","worst_price":"250.50","reference_price":"250.10"}');
INSERT INTO "events" VALUES(7,'2026-03-02T14:30:00.000250Z','SubmitStarted','paper','a1','a1.paper.1','test',2,7,'c7','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","generation":3}');
INSERT INTO "events" VALUES(8,'2026-03-02T14:30:00.000250Z','OrderAccepted','paper','a1','a1.paper.1','test',2,8,'c8','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","broker_order_id":"B-7"}');
INSERT INTO "events" VALUES(9,'2026-03-02T14:30:00.000250Z','OrderRejected','paper','a1','a1.paper.1','test',3,9,'c9','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","code":"INSUFFICIENT_FUNDS","reason":"not enough cash"}');
INSERT INTO "events" VALUES(10,'2026-03-02T14:30:00.000250Z','SubmitUnknown','paper','a1','a1.paper.1','test',3,10,'c10','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","reason":"no answer within 10 s"}');
INSERT INTO "events" VALUES(11,'2026-03-02T14:30:00.000250Z','OrderAbsent','paper','a1','a1.paper.1','test',3,11,'c11','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","reason":"not found at the venue"}');
INSERT INTO "events" VALUES(12,'2026-03-02T14:30:00.000250Z','OrderAbandoned','paper','a1','a1.paper.1','test',4,12,'c12','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","code":"SEND_DEADLINE","inputs":{"late_by_s":"0.4"}}');
INSERT INTO "events" VALUES(13,'2026-03-02T14:30:00.000250Z','OrderFilled','paper','a1','a1.paper.1','test',4,13,'c13','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","strategy":"demo","symbol":"BRK.B","side":"sell","execution_id":"X-1","quantity":"4.50","price":"250.10","fee":"0.01","executed_at":"2026-03-02T14:29:59.980250Z","label":"INDICATIVE"}');
INSERT INTO "events" VALUES(14,'2026-03-02T14:30:00.000250Z','CancelRequested','paper','a1','a1.paper.1','test',4,14,'c14','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","code":"OPERATOR"}');
INSERT INTO "events" VALUES(15,'2026-03-02T14:30:00.000250Z','OrderCancelled','paper','a1','a1.paper.1','test',5,15,'c15','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper"}');
INSERT INTO "events" VALUES(16,'2026-03-02T14:30:00.000250Z','AccountOpened','paper',NULL,NULL,'test',5,16,'c16','{"at":"2026-03-02T14:30:00.000250Z","account":"paper","cash":"25000.00"}');
INSERT INTO "events" VALUES(17,'2026-03-02T14:30:00.000250Z','VenueReady','paper',NULL,NULL,'test',5,17,'c17','{"at":"2026-03-02T14:30:00.000250Z","account":"paper","cash":"-12.5"}');
INSERT INTO "events" VALUES(18,'2026-03-02T14:30:00.000250Z','VenueLost','main',NULL,NULL,'test',6,18,'c18','{"at":"2026-03-02T14:30:00.000250Z","account":"main","reason":"connection refused"}');
INSERT INTO "events" VALUES(19,'2026-03-02T14:30:00.000250Z','VenueFailed','main',NULL,NULL,'test',6,19,'c19','{"at":"2026-03-02T14:30:00.000250Z","account":"main","kind":"transport","detail":"timeout","count":3}');
INSERT INTO "events" VALUES(20,'2026-03-02T14:30:00.000250Z','Halted',NULL,NULL,NULL,'test',6,20,'c20','{"at":"2026-03-02T14:30:00.000250Z","act_id":"h1","scope":{"account":"paper","strategy":null,"symbol":"AAPL"},"generation":4,"code":"STOP_FILE","reason":"holiday","by":"ann"}');
INSERT INTO "events" VALUES(21,'2026-03-02T14:30:00.000250Z','Tripped',NULL,NULL,NULL,'test',7,21,'c21','{"at":"2026-03-02T14:30:00.000250Z","scope":{"account":null,"strategy":"demo","symbol":null},"generation":5,"state":"REDUCING","code":"CONSECUTIVE_ERRORS","inputs":{"count":"3"}}');
INSERT INTO "events" VALUES(22,'2026-03-02T14:30:00.000000Z','Resumed',NULL,NULL,NULL,'test',7,22,'c22','{"at":"2026-03-02T14:30:00.000000Z","act_id":"r1","scope":{"account":null,"strategy":null,"symbol":null},"generation":6,"reason":"fixed","by":"ann"}');
CREATE TABLE keys (key TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "keys" VALUES('also:1',1);
INSERT INTO "keys" VALUES('also:11',11);
INSERT INTO "keys" VALUES('also:13',13);
INSERT INTO "keys" VALUES('also:15',15);
INSERT INTO "keys" VALUES('also:17',17);
INSERT INTO "keys" VALUES('also:19',19);
INSERT INTO "keys" VALUES('also:21',21);
INSERT INTO "keys" VALUES('also:3',3);
INSERT INTO "keys" VALUES('also:5',5);
INSERT INTO "keys" VALUES('also:7',7);
INSERT INTO "keys" VALUES('also:9',9);
INSERT INTO "keys" VALUES('k1',1);
INSERT INTO "keys" VALUES('k11',11);
INSERT INTO "keys" VALUES('k13',13);
INSERT INTO "keys" VALUES('k15',15);
INSERT INTO "keys" VALUES('k17',17);
INSERT INTO "keys" VALUES('k19',19);
INSERT INTO "keys" VALUES('k21',21);
INSERT INTO "keys" VALUES('k3',3);
INSERT INTO "keys" VALUES('k5',5);
INSERT INTO "keys" VALUES('k7',7);
INSERT INTO "keys" VALUES('k9',9);
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO "meta" VALUES('schema_version',1);
CREATE INDEX events_type ON events (type);
CREATE INDEX events_account ON events (account) WHERE account IS NOT NULL;
CREATE INDEX events_alert ON events (alert_id) WHERE alert_id IS NOT NULL;
CREATE INDEX events_order ON events (order_id) WHERE order_id IS NOT NULL;
COMMIT;
