import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBRequestHandler;
import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBServerHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.eclipse.jetty.server.Server;

/**
 * Serves DynamoDB Local's tables, in memory, on 127.0.0.1 and the port of the first argument. Its own main listens on
 * every interface and sends telemetry; the request handlers behind it are public and do neither.
 */
public final class DynamoDbLocal {
  public static void main(String[] args) throws Exception {
    LocalDynamoDBRequestHandler tables = new LocalDynamoDBRequestHandler(0, true, null, true, false);
    Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])));
    server.setHandler(new LocalDynamoDBServerHandler(tables, null));
    server.start();
  }
}
