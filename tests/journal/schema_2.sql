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
        body TEXT NOT NULL,
        keys TEXT NOT NULL DEFAULT '',
        seal BLOB NOT NULL DEFAULT x''
    );
INSERT INTO "events" VALUES(1,'2026-03-02T14:30:00.000250Z','ActorStarted',NULL,NULL,NULL,'test',0,1,'c1','{"at":"2026-03-02T14:30:00.000250Z","actor":"risk.paper","incarnation":2,"last_error":"ValueError: no such leg"}','["also:1","k1"]',X'DF25EB326FB776AAE6E28D4B4537805AB7B4020762CDEE1324A5EAE655A812A5');
INSERT INTO "events" VALUES(2,'2026-03-02T14:30:00.000250Z','AlertAccepted',NULL,'a1',NULL,'test',0,2,'c2','{"at":"2026-03-02T14:30:00.000250Z","alert_id":"a1","strategy":"demo","routes":["paper","main"],"symbol":"BRK.B","action":"buy","quantity":"10","price":"250.10","fired_at":"2026-03-02T14:29:59.000250Z","message":"breakout “up”","client_id":"c-1","address":"52.89.214.238","dedup":"9f2c"}','',X'A1FD0F110E71FACA2592350E42862D85705C56C7D07CEFAE1AA2CDFDB6648E1F');
INSERT INTO "events" VALUES(3,'2026-03-02T14:30:00.000250Z','AlertUnreadable',NULL,'a2',NULL,'test',1,3,'c3','{"at":"2026-03-02T14:30:00.000250Z","alert_id":"a2","strategy":null,"faults":["action: unknown action ''byu''","quantity: missing"],"body":"{\"action\": \"byu\"}","address":"52.89.214.238"}','["also:3","k3"]',X'B4E83F2FBF03CC58A67461971813FC29951929DE3E895A0537128B12C848884D');
INSERT INTO "events" VALUES(4,'2026-03-02T14:30:00.000250Z','SignalApproved','paper','a1',NULL,'test',1,4,'c4','{"at":"2026-03-02T14:30:00.000250Z","alert_id":"a1","account":"paper","strategy":"demo","symbol":"BRK.B","checks":[{"code":"MAX_ORDER_VALUE","passed":true,"inputs":{"value":"2501.00","limit":"5000"}},{"code":"CASH","passed":true,"inputs":{}}]}','',X'F594E99C5186C7362BC724BA3DB2E9B52BE66546E9498FCC7AA75AA83CB05E3B');
INSERT INTO "events" VALUES(5,'2026-03-02T14:30:00.000250Z','SignalRefused','main','a1',NULL,'test',1,5,'c5','{"at":"2026-03-02T14:30:00.000250Z","alert_id":"a1","account":"main","strategy":"demo","symbol":"BRK.B","code":"MAX_ORDER_VALUE","inputs":{"value":"2501.00","limit":"2500"},"is_exit":false}','["also:5","k5"]',X'97B2676DE587ED853B5CF9968F025486BA84040654EC7F7EFAC3E43C211D4FDC');
INSERT INTO "events" VALUES(6,'2026-03-02T14:30:00.000250Z','OrderPlanned','paper','a1','a1.paper.1','test',2,6,'c6','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","strategy":"demo","symbol":"BRK.B","side":"buy","quantity":"10","order_type":"limit","limit_price":"250.50","time_in_force":"gtc","intent":"entry","worst_price":"250.50","reference_price":"250.10"}','',X'456124D0796A317BC71BA8EC495A96907845ECF7B1F5B992E1B4404AD27D2117');
INSERT INTO "events" VALUES(7,'2026-03-02T14:30:00.000250Z','SubmitStarted','paper','a1','a1.paper.1','test',2,7,'c7','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","generation":3}','["also:7","k7"]',X'C5DF97C63FCF1CA0B56860F729575F2017E7872A106BF5D09849AF8AE890FAB5');
INSERT INTO "events" VALUES(8,'2026-03-02T14:30:00.000250Z','OrderAccepted','paper','a1','a1.paper.1','test',2,8,'c8','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","broker_order_id":"B-7"}','',X'12BEE811C5190A7315ED37D54F93547F650AFA7B87084899FD75A171969BCE67');
INSERT INTO "events" VALUES(9,'2026-03-02T14:30:00.000250Z','OrderRejected','paper','a1','a1.paper.1','test',3,9,'c9','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","code":"INSUFFICIENT_FUNDS","reason":"not enough cash"}','["also:9","k9"]',X'706123F5092DB7C6D261C1B841E348C3A3076956AE33D338065CF2CE125B91D2');
INSERT INTO "events" VALUES(10,'2026-03-02T14:30:00.000250Z','SubmitUnknown','paper','a1','a1.paper.1','test',3,10,'c10','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","reason":"no answer within 10 s"}','',X'913F03C6FEB44CF681D0471CF9D43D728786D730545A270CFF01AA8379057E90');
INSERT INTO "events" VALUES(11,'2026-03-02T14:30:00.000250Z','OrderAbsent','paper','a1','a1.paper.1','test',3,11,'c11','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","reason":"not found at the venue"}','["also:11","k11"]',X'C154D8CD316A54B6F3982FEA93C32C025836F586D675B0B9147E05AB10C7215E');
INSERT INTO "events" VALUES(12,'2026-03-02T14:30:00.000250Z','OrderAbandoned','paper','a1','a1.paper.1','test',4,12,'c12','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","code":"SEND_DEADLINE","inputs":{"late_by_s":"0.4"}}','',X'AC8F64057362D65A94F34847B00A857520166107FD7989AD114266031FE5876B');
INSERT INTO "events" VALUES(13,'2026-03-02T14:30:00.000250Z','OrderFilled','paper','a1','a1.paper.1','test',4,13,'c13','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","strategy":"demo","symbol":"BRK.B","side":"sell","execution_id":"X-1","quantity":"4.50","price":"250.10","fee":"0.01","executed_at":"2026-03-02T14:29:59.980250Z","label":"INDICATIVE"}','["also:13","k13"]',X'A12AB0D7A3FE076A73FB139B382058E6F5600EF5D1BDEB2AC30261C4CD0F568F');
INSERT INTO "events" VALUES(14,'2026-03-02T14:30:00.000250Z','CancelRequested','paper','a1','a1.paper.1','test',4,14,'c14','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper","code":"OPERATOR"}','',X'1510070DB75924F4262C6E58842AD0E3A98A7B14D177E71C85253977AD6D56C6');
INSERT INTO "events" VALUES(15,'2026-03-02T14:30:00.000250Z','OrderCancelled','paper','a1','a1.paper.1','test',5,15,'c15','{"at":"2026-03-02T14:30:00.000250Z","order_id":"a1.paper.1","alert_id":"a1","account":"paper"}','["also:15","k15"]',X'1D90F852DC49D874C09417D598F611A2624DD5DCA06E0954CD656BA9A718F5F0');
INSERT INTO "events" VALUES(16,'2026-03-02T14:30:00.000250Z','AccountOpened','paper',NULL,NULL,'test',5,16,'c16','{"at":"2026-03-02T14:30:00.000250Z","account":"paper","cash":"25000.00"}','',X'0B93CD6264E6E718EDF6C0CB92DF9828F26722AEA06FDDDFCD52E97EB4CF2ECC');
INSERT INTO "events" VALUES(17,'2026-03-02T14:30:00.000250Z','VenueReady','paper',NULL,NULL,'test',5,17,'c17','{"at":"2026-03-02T14:30:00.000250Z","account":"paper","cash":"-12.5"}','["also:17","k17"]',X'964590693B1B8D2DDA0194923E004F2A318DA3B0DF0B97A31ED30742380FE6C4');
INSERT INTO "events" VALUES(18,'2026-03-02T14:30:00.000250Z','VenueLost','main',NULL,NULL,'test',6,18,'c18','{"at":"2026-03-02T14:30:00.000250Z","account":"main","reason":"connection refused"}','',X'123C5EDBBA099748221A2E4D84B53D505280406E7E79058BBE3DC9D31348B273');
INSERT INTO "events" VALUES(19,'2026-03-02T14:30:00.000250Z','VenueFailed','main',NULL,NULL,'test',6,19,'c19','{"at":"2026-03-02T14:30:00.000250Z","account":"main","kind":"transport","detail":"timeout","count":3}','["also:19","k19"]',X'82C4DABAAC6D6D7AE41C66523413284530A47775795E29D9F86463E6954C0CD7');
INSERT INTO "events" VALUES(20,'2026-03-02T14:30:00.000250Z','Halted',NULL,NULL,NULL,'test',6,20,'c20','{"at":"2026-03-02T14:30:00.000250Z","act_id":"h1","scope":{"account":"paper","strategy":null,"symbol":"AAPL"},"generation":4,"code":"STOP_FILE","reason":"holiday","by":"ann"}','',X'4672FCCA0700638DFEB069654CAFEF51BB29667BA8C0DFB2A2C5F5F90D73F390');
INSERT INTO "events" VALUES(21,'2026-03-02T14:30:00.000250Z','Tripped',NULL,NULL,NULL,'test',7,21,'c21','{"at":"2026-03-02T14:30:00.000250Z","scope":{"account":null,"strategy":"demo","symbol":null},"generation":5,"state":"REDUCING","code":"CONSECUTIVE_ERRORS","inputs":{"count":"3"}}','["also:21","k21"]',X'975520C601DEDB2C5ABE44F102D95235DE06E8756EDC06C8FFC755222F272949');
INSERT INTO "events" VALUES(22,'2026-03-02T14:30:00.000000Z','Resumed',NULL,NULL,NULL,'test',7,22,'c22','{"at":"2026-03-02T14:30:00.000000Z","act_id":"r1","scope":{"account":null,"strategy":null,"symbol":null},"generation":6,"reason":"fixed","by":"ann"}','',X'33FB56547BF4C3ED114D793BD464A2371F1BAB0F8449BF7048ECA2F0D3C2D272');
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
INSERT INTO "meta" VALUES('schema_version',2);
CREATE INDEX events_type ON events (type);
CREATE INDEX events_account ON events (account) WHERE account IS NOT NULL;
CREATE INDEX events_alert ON events (alert_id) WHERE alert_id IS NOT NULL;
CREATE INDEX events_order ON events (order_id) WHERE order_id IS NOT NULL;
COMMIT;
